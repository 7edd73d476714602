"""The search for workspaces: as one types, ranked, the match highlighted, every result a link."""

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import streamlit as st
from sqlalchemy import Connection

from dashboard import navigation, url
from dashboard.access import Operator
from dashboard.clock import now
from dashboard.text import minutes, plain, spaced, unlinked
from ledger.desk import (
    STATES,
    SearchFilters,
    WorkspaceMatch,
    notes,
    plans,
    search_event_key,
    search_workspaces,
)

PAGE = 25
RECENT = timedelta(days=30)
STATE_NAMES = {"plan": "plan minutes in use", "extra": "extra minutes in use", "empty": "nothing left"}


@dataclass(frozen=True)
class Wanted:
    """What was typed and which filters are on."""

    text: str
    filters: SearchFilters

    @property
    def signature(self) -> str:
        """Changes when another question is asked, so that paging starts anew."""
        on = replace(self.filters, hit_since=None), self.filters.hit_since is not None
        return f"{self.text}|{on}"


def fields(db: Connection) -> Wanted:
    """The field that has the eye first, and the filters beneath it."""
    text = url.text(
        "Search",
        key="q",
        type="search",
        live=True,
        icon=":material/search:",
        placeholder="name, id, e-mail, payment, invoice, receipt",
        help="Also a Stripe customer, a charge or a purchase: anything that a customer may quote.",
    )
    with st.container(horizontal=True, vertical_alignment="bottom", key="q_filters"):
        plan = url.pills("Plan", {plan: plan.capitalize() for plan in plans(db)}, key="plan")
        state = url.pills("State", {state: STATE_NAMES[state] for state in STATES}, key="state")
        low = url.toggle("Low balance", key="low", help="80 % or more is used.")
        hit = url.toggle("Recent limit hit", key="hit", help="In the last 30 days.")
        disputed = url.toggle("Disputed", key="disputed")
    filters = SearchFilters(
        plan=next(iter(plan), None),
        state=next(iter(state), None),
        low=low,
        hit_since=now() - RECENT if hit else None,
        disputed=disputed,
    )
    return Wanted(text, filters)


def opened(db: Connection, operator: Operator) -> None:
    """Pinned and recently opened workspaces, one click away."""
    rows = notes.list_opened(db, operator.actor)
    if not rows:
        return
    st.caption("Pinned and recently opened")
    with st.container(horizontal=True):
        for row in rows:
            _link(
                row.workspace_id,
                plain(row.name if operator.may("view_personal_data") else row.workspace_id),
                icon=":material/keep:" if row.pinned else ":material/history:",
            )


def results(db: Connection, operator: Operator, wanted: Wanted) -> None:
    """One page of results, best first, and the way to the next."""
    pages = _pages(wanted)
    found = search_workspaces(
        db, wanted.text, after=pages[-1] if pages else None, limit=PAGE + 1, filters=wanted.filters
    )
    if not found:
        _nothing(db, wanted)
        return
    with st.container(key="q_results"):
        for row in found[:PAGE]:
            _result(row, wanted.text, private=operator.may("view_personal_data"))
    with st.container(horizontal=True):
        if pages:
            st.button("Back", key="q_back", icon=":material/arrow_back:", on_click=_go_back, args=(pages,))
        if len(found) > PAGE:
            st.button(
                f"Next {PAGE}",
                key="q_next",
                icon=":material/arrow_forward:",
                on_click=pages.append,
                args=(found[PAGE - 1].after,),
            )


def _go_back(pages: list[str]) -> None:
    """Forget where the last page began."""
    pages.pop()


def _pages(wanted: Wanted) -> list[str]:
    """The places where the pages before this one ended."""
    kept: tuple[str, list[str]] = st.session_state.get("q_pages", ("", []))
    if kept[0] != wanted.signature:
        kept = (wanted.signature, [])
        st.session_state["q_pages"] = kept
    return kept[1]


def _result(row: WorkspaceMatch, text: str, *, private: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", border=False, gap="small"):
        _link(row.workspace_id, highlighted(row.name if private else row.workspace_id, text))
        left = f"{minutes(row.total_minutes)} left"
        parts = [f"`{row.workspace_id}`", row.plan.capitalize() if row.plan else "no plan", left]
        if private:
            parts.insert(1, unlinked(highlighted(row.owner_email, text)))
        if row.matched not in {
            "",
            "name starts",
            "name contains",
            "email starts",
            "email contains",
            "id starts",
        }:
            parts.append(f"found by {row.matched}")
        if row.limit_hit:
            parts.append(f":orange-badge[:material/block: {'limit hit'}]")
        if row.source != "live":
            parts.append(f":gray-badge[{spaced(row.source)}]")
        st.caption(" · ".join(parts))


def _nothing(db: Connection, wanted: Wanted) -> None:
    if not wanted.text and wanted.filters == SearchFilters():
        url.no_workspace_yet()
        return
    st.info("Nothing found. Check the filters, or try fewer letters.", icon=":material/search_off:")
    if not wanted.text:
        return
    if st.button(
        "Look for it as an event key", key="q_event_key", help="Looks into every workspace: slower."
    ):
        ids = search_event_key(db, wanted.text)
        for workspace_id in ids:
            _link(workspace_id, f"`{workspace_id}`")
        if not ids:
            st.caption("No workspace booked anything under this key.")


def highlighted(text: str, part: str) -> str:
    """The text as Markdown, letter by letter, with every occurrence of `part` in bold."""
    if not part:
        return plain(text)
    pieces = re.split(f"({re.escape(part)})", text, flags=re.IGNORECASE)
    return "".join(
        f"**{plain(piece)}**" if index % 2 and piece.strip() == piece else _spaced(piece)
        for index, piece in enumerate(pieces)
    )


def _spaced(piece: str) -> str:
    """`plain`, which trims, without losing the spaces at both ends."""
    before, after = piece[: len(piece) - len(piece.lstrip())], piece[len(piece.rstrip()) :]
    return f"{before and ' '}{plain(piece)}{after and ' ' if piece.strip() else ''}"


def _link(workspace_id: str, label: str, **options: Any) -> None:
    st.page_link(navigation.address("workspace"), label=label, query_params={"id": workspace_id}, **options)
