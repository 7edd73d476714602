"""The head of the Workspace page: who, how much is left, for how long, and the gauge."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import streamlit as st
from sqlalchemy import Connection

import ledger
from dashboard import actions, navigation, url
from dashboard.access import Operator, operator_or_nobody
from dashboard.clock import as_of, now
from dashboard.kit.header import BadgeColour
from dashboard.kit.labels import plan_name
from dashboard.screens.workspace import pictures
from dashboard.text import day, minutes, plain, spaced
from ledger.desk import notes
from ledger.minutes import Balance, Workspace

SOURCES: Mapping[str, BadgeColour] = {
    "live": "red",
    "stripe_test": "orange",
    "sandbox": "gray",
    "demo": "violet",
}
COVER_DAYS = 30


def read(db: Connection, workspace_id: str) -> tuple[Workspace, Balance] | None:
    """The workspace and its balance at the time of the page, or None when there is no such workspace."""
    try:
        workspace = ledger.get_workspace(db, workspace_id)
    except ledger.UnknownWorkspace:
        url.no_such_workspace(workspace_id)
        return None
    return workspace, ledger.get_balance(db, workspace_id, at=as_of(), due_by=now())


def remember(operator: Operator, workspace_id: str) -> None:
    """Put the workspace on the operator's list of opened ones, once for each visit."""
    if st.session_state.get("opened") != workspace_id:
        st.session_state["opened"] = workspace_id
        actions.open_workspace(operator, workspace_id)


def show(db: Connection, operator: Operator, workspace: Workspace, balance: Balance) -> None:
    """Title, badges, the four numbers and the gauge."""
    private = operator.may("view_personal_data")
    title = workspace.name if private else workspace.workspace_id
    st.set_page_config(page_title=f"{title} · Minutes")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(plain(title))
        st.page_link(
            navigation.address("preview"),
            label="Customer preview",
            icon=":material/visibility:",
            query_params={"id": workspace.workspace_id},
        )
        _pin(db, operator, workspace.workspace_id)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(subscription(db, balance), icon=":material/calendar_month:", color="blue")
        st.badge(spaced(workspace.source), color=SOURCES[workspace.source])
        st.caption(f"`{workspace.workspace_id}`" + (f" · {plain(workspace.owner_email)}" if private else ""))
    _numbers(db, balance)
    if balance.percent_used is not None:
        st.markdown(_state(balance))
        st.plotly_chart(pictures.gauge(balance), key="gauge", config=pictures.CONFIG, alt=_state(balance))
        st.caption(
            f":blue[■] {minutes(balance.plan_minutes)} of the plan · :orange[■] "
            f"{minutes(balance.extra_minutes)} extra · :gray[■] "
            f"{minutes(balance.gauge_base - balance.total_minutes)} gone since the last credit"
        )


def _numbers(db: Connection, balance: Balance) -> None:
    total, pools, cover, reset = st.columns(4)
    total.metric(
        "Minutes left", f"{balance.total_minutes:,}", border=True, height="stretch", help=_state(balance)
    )
    pools.metric(
        "Plan + extra",
        f"{balance.plan_minutes:,} + {balance.extra_minutes:,}",
        border=True,
        height="stretch",
    )
    cover.metric("Days of cover", days_of_cover(db, balance), border=True, height="stretch", help=_COVER)
    due = balance.minutes_reset_date
    reset.metric("Next reset", day(due) if due else "none", border=True, height="stretch")


TABS = {
    "why": ("Why", "view_workspaces"),
    "statement": ("Statement", "view_workspaces"),
    "purchases": ("Purchases", "view_workspaces"),
    "give": ("Give minutes", "grant_minutes"),
    "use": ("Use", "view_workspaces"),
    "warnings": ("Warnings", "view_workspaces"),
    "notes": ("Notes", "view_workspaces"),
    "personal": ("Personal data", "manage_personal_data"),
}


def tabs(operator: Operator) -> dict[str, Any]:
    """The tabs this operator may open, by name; which one is open stands in the address."""
    mine = {name: label for name, (label, permission) in TABS.items() if operator.may(permission)}
    return url.tabs(mine)


def subscription(db: Connection, balance: Balance) -> str:
    """Return `Pro, annual`, or that there is no plan."""
    return f"{plan_name(db, balance.plan)}, {balance.billing_cycle}" if balance.plan else "No plan"


def days_of_cover(db: Connection, balance: Balance) -> str:
    """How many days the balance lasts at the pace of the last 30 days; a dash when nothing was used."""
    then = now() - timedelta(days=COVER_DAYS)
    used = balance.minutes_used - ledger.get_balance(db, balance.workspace_id, at=then).minutes_used
    return f"{balance.total_minutes * COVER_DAYS / used:,.0f}" if used > 0 else "–"


_COVER = "Minutes left, at the pace of the last 30 days."


def _state(balance: Balance) -> str:
    if balance.percent_used is None:
        return "Nothing was credited yet."
    share = f"{balance.percent_used:g} % used since the last credit"
    if balance.total_minutes <= 0:
        return f":material/block: {share} · " + "**nothing left**"
    if balance.plan_minutes <= 0 and balance.extra_minutes > 0:
        return f":material/add_circle: {share} · " + "**extra minutes are in use**"
    return f":material/schedule: {share} · " + "plan minutes are in use"


def _pin(db: Connection, operator: Operator, workspace_id: str) -> None:
    if not operator.may("write_notes"):
        return
    pinned = any(
        row.pinned
        for row in notes.list_opened(db, operator.actor, limit=100)
        if row.workspace_id == workspace_id
    )
    st.button(
        "Unpin" if pinned else "Pin",
        key="pin",
        icon=":material/keep_off:" if pinned else ":material/keep:",
        on_click=_set_pin,
        args=(workspace_id,),
        kwargs={"pinned": not pinned},
    )


def _set_pin(workspace_id: str, *, pinned: bool) -> None:
    """The click on "Pin" or "Unpin"."""
    actions.pin_workspace(operator_or_nobody(), workspace_id, pinned=pinned)
