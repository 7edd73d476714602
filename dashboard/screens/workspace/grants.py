"""The tab "Give minutes": the form with its guard rails, what waits for approval, and taking back what is unused."""

import streamlit as st
from sqlalchemy import Connection

import ledger
from dashboard import actions
from dashboard.access import Operator, operator_or_nobody
from dashboard.clock import present
from dashboard.kit import forms
from dashboard.text import day, minutes, plain
from ledger.desk import approvals, audit, staff
from ledger.minutes import Balance

FORM = "grant"
CLEARED = ("grant_words", "grant_ticket")


def show(db: Connection, operator: Operator, balance: Balance) -> None:
    """Form on the left; limits, requests and grants on the right."""
    form, beside = st.columns([3, 2], gap="large")
    with form:
        _form(balance)
    with beside:
        _limits(db, operator)
        _waiting(db, balance.workspace_id)
        _grants(db, balance.workspace_id)


def _form(balance: Balance) -> None:
    number = st.number_input(
        "Minutes to give",
        min_value=1,
        max_value=1_000_000,
        value=60,
        step=10,
        key="grant_minutes",
        width=220,
    )
    now, after = balance.total_minutes, balance.total_minutes + int(number)
    st.markdown(f"Balance **{minutes(now)}** → **{minutes(after)}**")
    with st.form("grant_form", border=False):
        forms.reason_fields("grant")
        st.form_submit_button(
            "Give minutes",
            type="primary",
            key="grant_submit",
            on_click=give,
            args=(balance.workspace_id, forms.minted(FORM)),
        )


def give(workspace_id: str, key: str) -> None:
    """The click: the person is looked up again, so that an ended session gives nothing."""
    state = st.session_state
    reason = forms.Reason(state["grant_code"], state["grant_words"], state["grant_ticket"])
    operator = operator_or_nobody()
    forms.carry_out(
        FORM,
        lambda: actions.grant_minutes(
            operator, workspace_id, int(state["grant_minutes"]), reason=reason.checked(), key=key
        ),
        clear=CLEARED,
    )


def _limits(db: Connection, operator: Operator) -> None:
    limit = staff.limits(db).get(operator.role)
    if limit is None:
        return
    midnight = present().replace(hour=0, minute=0, second=0, microsecond=0)
    given, _cents = audit.given_since(db, operator.actor, midnight)
    st.caption(
        f"You may give up to {minutes(limit.minutes_per_grant)} at once and "
        f"{minutes(limit.minutes_per_day)} a day alone ({minutes(given)} given today). "
        "More waits for a second person."
    )


def _waiting(db: Connection, workspace_id: str) -> None:
    for request in approvals.list_approvals(db, state="waiting", workspace_id=workspace_id):
        st.info(
            (
                f"{request.action} of {minutes(request.minutes)} requested by "
                f"{plain(request.requested_by)} waits for a second person."
            ),
            icon=":material/hourglass_top:",
        )


def _grants(db: Connection, workspace_id: str) -> None:
    grants = [lot for lot in ledger.list_lots(db, workspace_id, open_only=True) if lot.kind == "grant"]
    if not grants:
        return
    st.markdown("**Grants with unused minutes**")
    for lot in grants[-5:]:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                f"Lot {lot.lot_id} · {day(lot.acquired_at)}: {lot.remaining:,} of {lot.minutes:,} left"
            )
            st.button(
                "Take back",
                key=f"void_{lot.lot_id}",
                icon=":material/undo:",
                on_click=undo,
                args=(workspace_id, lot.lot_id, forms.minted(f"void {workspace_id} {lot.lot_id}")),
            )


def undo(workspace_id: str, lot_id: int, key: str) -> None:
    """The click on "Take back": all that is unused of this grant."""
    operator = operator_or_nobody()
    forms.carry_out(
        f"void {workspace_id} {lot_id}",
        lambda: actions.void_minutes(operator, workspace_id, lot_id, reason="Grant taken back", key=key),
    )
