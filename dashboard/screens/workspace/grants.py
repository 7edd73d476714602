"""The panel "Give minutes": the form, what a click will do, own limits, and grants that can be taken back."""

import streamlit as st
from sqlalchemy import Connection

import ledger
from dashboard import actions, url
from dashboard.access import Operator, operator_or_nobody
from dashboard.clock import present
from dashboard.installation import reading
from dashboard.kit import forms
from dashboard.text import day, decimal, minutes, plain
from ledger.desk import approvals, staff

FORM = "grant"
PANEL = "give"
CLEARED = ("grant_words", "grant_ticket")


def panel(operator: Operator, workspace_id: str) -> None:
    """Draw the panel beside the page while the address names it, for those who may give minutes."""
    if url.parameter("panel") != PANEL or not operator.may("grant_minutes"):
        return
    opened = st.dialog(
        "Give minutes",
        width="medium",
        position="right",
        icon=":material/add:",
        on_dismiss=close,
    )
    opened(_body)(operator, workspace_id)


def close() -> None:
    """Close the panel of the page."""
    url.replace_parameters(panel="")


def _body(operator: Operator, workspace_id: str) -> None:
    if url.parameter("panel") != PANEL:  # done: the whole page shows what changed
        st.rerun()
    forms.report()
    with reading() as db:
        _form(db, operator, workspace_id)
        _waiting(db, workspace_id)
        _grants(db, workspace_id)


def _form(db: Connection, operator: Operator, workspace_id: str) -> None:
    number = int(
        st.number_input(
            "Minutes to give",
            min_value=1,
            max_value=1_000_000,
            value=60,
            step=10,
            key="grant_minutes",
            width=220,
        )
    )
    before = ledger.get_balance(db, workspace_id, due_by=present()).total_minutes
    above = actions.above_limit(db, operator, number, at=present())
    st.markdown(preview(before, number, above=above))
    with st.form("grant_form", border=False):
        forms.reason_fields("grant")
        st.form_submit_button(
            "Request approval" if above else "Give minutes",
            type="primary",
            key="grant_submit",
            on_click=give,
            args=(workspace_id, forms.key_of(FORM)),
        )
    limit = staff.limits(db)[operator.role]
    st.caption(
        f"You can give up to {minutes(limit.minutes_per_grant)} at once and "
        f"{minutes(limit.minutes_per_day)} a day without approval."
    )


def preview(before: int, number: int, *, above: str | None) -> str:
    """Return the balance before and after the grant; `above`: why a second person must approve it."""
    now, after = decimal(before), decimal(before + number)
    if above:
        return f"Balance **{now} now**, {after} if approved: this is {above}."
    return f"Balance **{now}** → **{after} min**"


def give(workspace_id: str, key: str) -> None:
    """Grant the minutes. The person is checked again, so that an ended session grants nothing."""
    reason, number = forms.reason_of("grant"), int(st.session_state["grant_minutes"])
    operator = operator_or_nobody()
    done = forms.carry_out(
        FORM,
        lambda: actions.grant_minutes(operator, workspace_id, number, reason=reason.checked(), key=key),
        clear=CLEARED,
    )
    if done:
        close()


def _waiting(db: Connection, workspace_id: str) -> None:
    for request in approvals.list_approvals(db, state="waiting", workspace_id=workspace_id):
        st.info(
            f"{request.action.capitalize()} of {minutes(request.minutes)}, requested by "
            f"{plain(request.requested_by)}, waits for approval.",
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
                f"Lot {lot.lot_id} · {day(lot.acquired_at)}: {decimal(lot.remaining)} of {decimal(lot.minutes)} left"
            )
            st.button(
                f"Take back {decimal(lot.remaining)}",
                key=f"void_{lot.lot_id}",
                icon=":material/undo:",
                on_click=undo,
                args=(workspace_id, lot.lot_id, forms.key_of(f"void {workspace_id} {lot.lot_id}")),
            )


def undo(workspace_id: str, lot_id: int, key: str) -> None:
    """Take back all that is unused of a grant."""
    operator = operator_or_nobody()
    done = forms.carry_out(
        f"void {workspace_id} {lot_id}",
        lambda: actions.void_minutes(operator, workspace_id, lot_id, reason="Grant taken back", key=key),
    )
    if done:
        close()
