"""The head of the Workspace page: who it is, its state in one sentence, how much is left and for how long."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import streamlit as st
from sqlalchemy import Connection

import ledger
from dashboard import actions, navigation, url
from dashboard.access import Operator, operator_or_nobody
from dashboard.clock import as_of, now
from dashboard.kit import template, tiles, usage
from dashboard.kit.header import BadgeColour
from dashboard.kit.labels import plan_name
from dashboard.text import counted, day, decimal, minutes, percent, plain, spaced, unlinked
from ledger.desk import notes
from ledger.minutes import Balance, CurrentHit, Workspace, current_hit, minutes_used_by

SOURCES: Mapping[str, BadgeColour] = {
    "live": "red",
    "stripe_test": "orange",
    "sandbox": "gray",
    "demo": "violet",
}
COVER_DAYS = 30
UNKNOWN = "–"


def read(db: Connection, workspace_id: str) -> tuple[Workspace, Balance] | None:
    """Return the workspace and its balance at the time of the page; None when there is no such workspace."""
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


def title(operator: Operator, workspace: Workspace) -> str:
    """Return the title of the page: the name, for people who may read it."""
    name = workspace.name if operator.may("view_personal_data") else workspace.workspace_id
    st.set_page_config(page_title=f"{name} · Minutes")
    return plain(name)


def buttons(db: Connection, operator: Operator, workspace_id: str) -> None:
    """Draw what may be done, beside the title."""
    with st.container(horizontal=True, vertical_alignment="center", key="head_actions", gap="small"):
        if operator.may("grant_minutes"):
            _opens("give", "Give minutes", icon=":material/add:", type="primary")
        if operator.may("refund_purchases"):
            _opens("refund", "Refund", icon=":material/undo:")
        st.page_link(
            navigation.address("preview"),
            label="Customer preview",
            icon=":material/visibility:",
            query_params={"id": workspace_id},
        )
        _pin(db, operator, workspace_id)


def _opens(panel: str, label: str, **look: Any) -> None:
    st.button(label, key=f"open_{panel}", on_click=url.replace_parameters, kwargs={"panel": panel}, **look)


def show(db: Connection, operator: Operator, workspace: Workspace, balance: Balance) -> None:
    """Draw the state in one sentence, the usage bar and the numbers."""
    cover = days_of_cover(db, balance)
    blocked = balance.total_minutes <= 0
    hit = current_hit(db, workspace.workspace_id, epoch=balance.epoch) if blocked else None
    sentence, tone = state(balance, hit, cover)
    template.answer(sentence, tone=tone)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(subscription(db, balance), icon=":material/calendar_month:", color="blue")
        st.badge(spaced(workspace.source).capitalize(), color=SOURCES[workspace.source])
        address = f" · {unlinked(plain(workspace.owner_email))}" if operator.may("view_personal_data") else ""
        st.caption(f"`{workspace.workspace_id}`{address}")
    used = usage.Usage(balance.plan_minutes, balance.extra_minutes, balance.gauge_base)
    st.html(usage.bar(used, large=True))
    pools = f"{minutes(balance.plan_minutes)} of the plan"
    if balance.extra_minutes:
        pools += f" · {minutes(balance.extra_minutes)} extra"
    due = balance.minutes_reset_date
    with template.tile_row(3):
        for key, name, value, below in (
            ("left", "Minutes left", decimal(balance.total_minutes), pools),
            ("cover", "Days of cover", cover, "At the pace of the last 30 days"),
            ("reset", "Next reset", day(due) if due else "None", _reset(balance)),
        ):
            with st.container(border=True, key=f"fact_{key}", gap=None, height="stretch"):
                tiles.figure(name, value, below)


def _reset(balance: Balance) -> str:
    if balance.minutes_reset_date:
        return f"Adds {minutes(balance.minutes_total)}"
    return "Paid for the year" if balance.billing_cycle == "annual" else "No plan that resets"


def state(balance: Balance, hit: CurrentHit | None, cover: str) -> tuple[str, template.Tone]:
    """Return the state of the workspace in one sentence, and its tone."""
    left = minutes(balance.total_minutes)
    if balance.percent_used is None and balance.total_minutes == 0:
        return "**No minutes yet**: nothing was credited.", "neutral"
    if balance.total_minutes <= 0:
        return _blocked(balance, hit)
    lasts = "" if cover == UNKNOWN else f", about {_days(cover)} at the current pace"
    used = usage.Usage(balance.plan_minutes, balance.extra_minutes, balance.gauge_base)
    share = percent(balance.percent_used or 0)
    if used.state == "low":
        return f"**Running low**: {left} left, {share} used{lasts}.", "attention"
    pool = "; extra minutes are in use" if used.using_extra else ""
    return f"**{left} left**, {share} used{lasts}{pool}.", "good"


def _days(cover: str) -> str:
    return counted(1, "{n} day", "{n} days") if cover == "1" else f"{cover} days"


def _blocked(balance: Balance, hit: CurrentHit | None) -> tuple[str, template.Tone]:
    """Return since when nothing is left, what was not covered, and when minutes come next."""
    due = balance.minutes_reset_date
    ahead = f" Next reset {day(due)}." if due else ""
    if hit is None:
        return f"**Nothing left**. No use has been cut short yet.{ahead}", "attention"
    if not hit.unmet_minutes:
        return f"**Blocked since {day(hit.at)}**: nothing is left.{ahead}", "bad"
    unmet = counted(hit.unmet_minutes, "{n} more minute", "{n} more minutes")
    return f"**Blocked since {day(hit.at)}**, requested {unmet}.{ahead}", "bad"


TABS = {
    "why": "Explain",
    "activity": "Activity",
    "payments": "Payments",
    "use": "Usage",
    "notes": "Notes",
}


def tabs() -> dict[str, Any]:
    """Draw the tabs and return them by code; which one is open is in the address."""
    return url.tabs(TABS)


def subscription(db: Connection, balance: Balance) -> str:
    """Return `Pro, annual`, or that there is no plan."""
    return f"{plan_name(db, balance.plan)}, {balance.billing_cycle}" if balance.plan else "No plan"


def days_of_cover(db: Connection, balance: Balance) -> str:
    """Return how many days the balance lasts at the pace of the last 30 days; a dash when nothing was used.

    No balance lasts no day, whatever the pace.
    """
    if balance.total_minutes <= 0:
        return "0"
    then = now() - timedelta(days=COVER_DAYS)
    used = balance.minutes_used - minutes_used_by(db, balance.workspace_id, then)
    return decimal(balance.total_minutes * COVER_DAYS / used) if used > 0 else UNKNOWN


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
        type="tertiary",
        on_click=_set_pin,
        args=(workspace_id,),
        kwargs={"pinned": not pinned},
    )


def _set_pin(workspace_id: str, *, pinned: bool) -> None:
    """Pin or unpin the workspace for whoever clicks."""
    actions.pin_workspace(operator_or_nobody(), workspace_id, pinned=pinned)
