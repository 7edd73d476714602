"""The jump box: from anywhere to a page, a workspace or a saved scenario, with Ctrl+K and a few letters."""

import streamlit as st

from dashboard import navigation
from dashboard.access import Operator
from dashboard.installation import reading
from dashboard.kit import awaited
from dashboard.text import plain
from ledger.desk import WorkspaceMatch, notes, search_workspaces
from ledger.pricing import Scenario, list_scenarios

MOST = 6
PAYMENTS = (
    "purchase",
    "payment intent",
    "charge",
    "checkout session",
    "invoice",
    "refund",
    "dispute",
    "receipt",
)
"""References that a search finds and that are about money."""


def dialog(operator: Operator, path: str, *, wanted: bool) -> None:
    """Draw the search box over the page from its opening until it is closed or something is chosen in it.

    Typing reruns only the dialog. A run of the whole page is a choice, unless the page updates by itself.
    """
    state = st.session_state
    goes_on = awaited.updates_itself() or state.get("jump_text", "") not in ("", state.get("jump_typed"))
    if wanted:
        for name in ("about", "about_tab", "rows", "rows_page"):
            st.query_params.pop(name, None)  # one dialog at a time
        st.session_state["jump_over"] = _place(path)
    elif not goes_on:
        _close()
    if st.session_state.get("jump_over") == _place(path):
        st.dialog("Go to", width="medium", on_dismiss=_close)(_body)(operator)


def _place(path: str) -> tuple[str, str]:
    return path, str(sorted(st.query_params.to_dict().items()))


def _close() -> None:
    st.session_state.pop("jump_over", None)


def _body(operator: Operator) -> None:
    """Draw the field and what matches, best first; it is searched while somebody types."""
    typed = st.text_input(
        "Search",
        key="jump_text",
        type="search",
        live="200ms",
        max_chars=200,
        icon=":material/search:",
        placeholder="Page, workspace, e-mail, payment, receipt or scenario",
        label_visibility="collapsed",
    )
    st.session_state["jump_typed"] = typed
    text = (typed or "").strip()
    if not text:
        _recent(operator)
    pages = matching_pages(operator, text)
    for entry in pages:
        st.page_link(navigation.address(entry.file), label=entry.title, icon=f":material/{entry.icon}:")
    shown = len(pages) + _records(operator, text)
    if not shown:
        st.caption("Nothing matches. Try an e-mail address, a payment or a receipt number.")


def _recent(operator: Operator) -> None:
    """Draw what this person pinned or opened lately."""
    if not operator.may("view_workspaces"):
        return
    with reading() as connection:
        rows = notes.list_opened(connection, operator.actor, limit=MOST)
    for row in rows:
        name = plain(row.name) if operator.may("view_personal_data") else ""
        _open(row.workspace_id, f"{name} :gray[{plain(row.workspace_id)}]", ":material/history:")


def _open(workspace_id: str, label: str, icon: str, **place: str) -> None:
    st.page_link(
        navigation.address("workspace"), label=label, icon=icon, query_params={"id": workspace_id, **place}
    )


def matching_pages(operator: Operator, text: str) -> list[navigation.NavigationEntry]:
    """Return the pages a person may open whose title or question has these letters; without letters, all of them."""
    word = text.casefold()
    seen = [entry for entry in navigation.existing() if entry.listed and operator.may(entry.permission)]
    result = [entry for entry in seen if word in f"{entry.title} {entry.help}".casefold()]
    best_first = sorted(result, key=lambda entry: word not in entry.title.casefold())
    return best_first[:MOST] if word else best_first


def _records(operator: Operator, text: str) -> int:
    """Draw the workspaces and scenarios that match, and return how many there are."""
    if not text:
        return 0
    with reading() as connection:
        workspaces = (
            search_workspaces(connection, text, limit=MOST) if operator.may("view_workspaces") else []
        )
        scenarios = list_scenarios(connection) if operator.may("view_metrics") else []
    matching = [one for one in scenarios if text.casefold() in one.name.casefold()][:MOST]
    for match in workspaces:
        _workspace(operator, match)
    for scenario in matching:
        _scenario(scenario)
    return len(workspaces) + len(matching)


def _workspace(operator: Operator, match: WorkspaceMatch) -> None:
    """Draw the way to a workspace; to its payments where a payment was typed."""
    name = plain(match.name) if operator.may("view_personal_data") else ""
    label = f"{name} :gray[{plain(match.workspace_id)}]"
    if match.matched in PAYMENTS:
        _open(
            match.workspace_id,
            f"{match.matched.capitalize()} of {label}",
            ":material/receipt_long:",
            tab="payments",
        )
    else:
        _open(match.workspace_id, label, ":material/work:")


def _scenario(scenario: Scenario) -> None:
    st.page_link(
        navigation.address("scenario"),
        label=plain(scenario.name),
        query_params={"scenario": str(scenario.scenario_id)},
        icon=":material/compare:",
    )
