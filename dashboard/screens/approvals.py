"""The Approvals page: what waits for a second person, and what became of the rest; unusual grants."""

from datetime import timedelta
from uuid import UUID

import streamlit as st
from sqlalchemy import Connection

from dashboard import actions, navigation
from dashboard.access import Operator, operator_or_nobody
from dashboard.clock import present
from dashboard.kit import forms, tables
from dashboard.text import minutes, moment, money, plain
from ledger.desk import approvals, audit
from ledger.desk.approvals import Approval

DAYS = 30
NAMES = {"grant": "Grant", "refund": "Refund", "batch": "Bulk grant", "limits": "Limits", "staff": "Staff"}


def waiting(db: Connection, operator: Operator) -> None:
    """Each request as a card, with the two buttons for those who may decide and did not ask themselves."""
    requests = approvals.list_approvals(db, state="waiting")
    if not requests:
        st.success("Nothing waits for a second person.", icon=":material/done_all:")
    for request in requests:
        with st.container(border=True):
            _card(request, operator)


def amount(request: Approval) -> str:
    """What is asked for: minutes, or money in its currency."""
    if request.action == "refund":
        return money(request.amount_cents, str(request.body.get("currency", "")))
    if request.action == "limits":
        names = {name.replace("_", " "): value for name, value in request.body.items() if name != "role"}
        return f"{request.body['role']}, " + ", ".join(f"{name} {value:,}" for name, value in names.items())
    if request.action == "staff":
        return plain(f"{request.body['email']} as {request.body['role']}")
    return minutes(request.minutes)


def _card(request: Approval, operator: Operator) -> None:
    asked = (
        f"asked by {plain(request.requested_by)} ({request.requested_role}), {moment(request.requested_at)}"
    )
    st.markdown(f"**{NAMES[request.action]}: {amount(request)}** · {asked}")
    st.text(request.reason)
    if request.workspace_id:
        st.page_link(
            navigation.address("workspace"),
            label=f"`{request.workspace_id}`",
            icon=":material/work:",
            query_params={"id": request.workspace_id},
        )
    if request.requested_by == operator.actor:
        st.caption("You asked for this yourself: somebody else decides.")
    elif not operator.may("decide_approvals"):
        st.caption("An administrator decides.")
    else:
        _buttons(request.approval_id)


def _buttons(approval_id: UUID) -> None:
    st.text_input("Remark (optional)", key=f"remark_{approval_id}", max_chars=400)
    with st.container(horizontal=True):
        for accepted, label, kind in ((True, "Accept", "primary"), (False, "Reject", "secondary")):
            st.button(
                label,
                key=f"{'accept' if accepted else 'reject'}_{approval_id}",
                type="primary" if kind == "primary" else "secondary",
                on_click=decide,
                args=(approval_id,),
                kwargs={"accepted": accepted},
            )


def decide(approval_id: UUID, *, accepted: bool) -> None:
    """The click on "Accept" or "Reject"."""
    remark = str(st.session_state.get(f"remark_{approval_id}") or "").strip()
    operator = operator_or_nobody()
    forms.carry_out(
        f"decide {approval_id}",
        lambda: actions.decide(operator, approval_id, accepted=accepted, reason=remark),
    )


def decided(db: Connection) -> None:
    """What was accepted or rejected, and by whom."""
    columns = (
        "requested_at", "action", "workspace_id", "minutes", "amount_cents", "reason",
        "requested_by", "state", "decided_by", "decided_at", "decision_reason",
    )  # fmt: skip
    rows = [request for request in approvals.list_approvals(db, limit=200) if request.state != "waiting"]
    frame = tables.from_rows(rows, columns).assign(
        what=[NAMES[row.action] for row in rows], amount=[amount(row) for row in rows]
    )
    tables.show(
        frame,
        key="decided",
        linked=True,
        empty="Nothing was decided yet.",
        file_name="approvals.csv",
        columns={
            "requested_at": tables.when("Asked"),
            "what": tables.text("What"),
            "workspace_id": tables.text("Workspace"),
            "amount": tables.text("Amount", alignment="right"),
            "reason": tables.text("Reason"),
            "requested_by": tables.text("Asked by"),
            "state": tables.text("Decision"),
            "decided_by": tables.text("Decided by"),
            "decided_at": tables.when("Decided"),
            "decision_reason": tables.text("Remark"),
        },
    )


def unusual(db: Connection) -> None:
    """Grants of the last 30 days that deserve a second look."""
    rows = audit.unusual_grants(db, since=present() - timedelta(days=DAYS))
    st.caption(
        "Three or more grants from one person to one workspace in 30 days, or sums far above the usual."
    )
    tables.show(
        tables.from_rows(rows, ("actor", "workspace_id", "grants", "minutes", "largest", "last_at", "why")),
        key="unusual",
        linked=True,
        empty="Nothing unusual.",
        columns={
            "actor": tables.text("By"),
            "workspace_id": tables.text("Workspace"),
            "grants": tables.whole("Grants"),
            "minutes": tables.whole("Minutes"),
            "largest": tables.whole("Largest"),
            "last_at": tables.when("Last"),
            "why": tables.text("Why"),
        },
    )
