"""Approvals: open requests with what a decision needs, past decisions, and unusual grants."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import streamlit as st
from sqlalchemy import Connection

from dashboard import actions, navigation
from dashboard.access import Operator, operator_or_nobody
from dashboard.clock import present
from dashboard.kit import forms, states, tables, template
from dashboard.text import ago, counted, decimal, minutes, moment, money, plain, sentence_case, unlinked
from ledger import get_balance, get_workspace
from ledger.desk import Approval, approvals, audit

DAYS = 30
NAMES = {
    "grant": "Grant",
    "refund": "Refund",
    "batch": "Bulk grant",
    "limits": "Limits",
    "staff": "Staff",
    "api_key": "API key",
    "webhook_endpoint": "Webhook",
    "alert_subscription": "Messages",
}


def waiting(db: Connection, operator: Operator) -> None:
    """Draw the answer, and each open request as a card, with buttons for those who may decide it."""
    requests = approvals.list_approvals(db, state="waiting")
    template.answer(answer(requests, operator, present()), tone="attention" if requests else "good")
    for request in requests:
        with st.container(border=True):
            _card(db, request, operator)


def answer(requests: Sequence[Approval], operator: Operator, at: datetime) -> str:
    """Return how many requests wait, how many of them for this person, and for how long."""
    if not requests:
        return "**Nothing to approve**: every request is decided."
    count = counted(len(requests), "{n} request is waiting", "{n} requests are waiting")
    since = ago(min(request.requested_at for request in requests), at)
    oldest = f"made {since}" if len(requests) == 1 else f"the oldest made {since}"
    yours = sum(can_decide(request, operator) for request in requests)
    if yours == len(requests):
        return f"**{count} for you**, {oldest}."
    if yours:
        return f"**{count}**, {decimal(yours)} for you; {oldest}."
    return f"**{count} for someone else**, {oldest}."


def can_decide(request: Approval, operator: Operator) -> bool:
    """Return whether this person may decide the request: nobody decides their own."""
    return operator.may("decide_approvals") and request.requested_by != operator.actor


def amount(request: Approval) -> str:
    """Return what is requested: minutes, or money in its currency."""
    if request.action == "refund":
        return money(request.amount_cents, str(request.body.get("currency", "")))
    if request.action == "limits":
        names = {name.replace("_", " "): value for name, value in request.body.items() if name != "role"}
        return f"{request.body['role']}, " + ", ".join(
            f"{name} {decimal(value)}" for name, value in names.items()
        )
    if request.action == "staff":
        return plain(f"{request.body['email']} as {request.body['role']}")
    if request.action == "api_key":
        return _key(request.body)
    if request.action == "webhook_endpoint":
        return unlinked(plain(f"{request.body['url']}: {', '.join(request.body['events'])}"))
    is_message = request.action == "alert_subscription"
    return _recipient(request.body) if is_message else minutes(request.minutes)


def _recipient(body: Mapping[str, Any]) -> str:
    return unlinked(plain(f"{body['kind']} to {body['target']}"))


def _key(body: Mapping[str, Any]) -> str:
    """Return what a key may do, and within which bounds."""
    bounds = [
        f"only {body['workspace_id']}" if body["workspace_id"] else "all workspaces",
        f"{decimal(body['grant_minutes_per_day'])} granted minutes a day",
        f"until {body['expires_at'][:10]}" if body["expires_at"] else "never expires",
    ]
    return plain(f"{body['name']}: {', '.join(body['scopes'])} ({', '.join(bounds)})")


def _card(db: Connection, request: Approval, operator: Operator) -> None:
    age = ago(request.requested_at, present())
    st.markdown(
        f"**{NAMES[request.action]}: {amount(request)}** · {unlinked(plain(request.requested_by))} "
        f"({request.requested_role}), :gray[{age}]",
        help=moment(request.requested_at),
    )
    if request.workspace_id:
        _customer(db, request, operator)
    st.text(request.reason)
    if request.requested_by == operator.actor:
        st.caption("You made this request, so someone else needs to decide.")
    elif not operator.may("decide_approvals"):
        st.caption("Only administrators can decide.")
    else:
        _buttons(request.approval_id)


def _customer(db: Connection, request: Approval, operator: Operator) -> None:
    """Draw the workspace of the request, and its balance before and after."""
    workspace = get_workspace(db, str(request.workspace_id))
    name = workspace.name if operator.may("view_personal_data") else workspace.workspace_id
    total = get_balance(db, workspace.workspace_id).total_minutes
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link(
            navigation.address("workspace"),
            label=plain(name),
            icon=":material/work:",
            query_params={"id": workspace.workspace_id},
        )
        st.markdown(balances(request, total))


def balances(request: Approval, total_minutes: int) -> str:
    """Return the balance now, and after a grant."""
    if request.action != "grant":
        return f"Balance **{minutes(total_minutes)}**"
    return f"Balance **{decimal(total_minutes)} → {minutes(total_minutes + request.minutes)}**"


def _buttons(approval_id: UUID) -> None:
    st.text_input("Note (optional)", key=f"remark_{approval_id}", max_chars=400)
    with st.container(horizontal=True):
        for accepted, label, kind in ((True, "Approve", "primary"), (False, "Reject", "secondary")):
            st.button(
                label,
                key=f"{'accept' if accepted else 'reject'}_{approval_id}",
                type="primary" if kind == "primary" else "secondary",
                on_click=decide,
                args=(approval_id,),
                kwargs={"accepted": accepted},
            )


def decide(approval_id: UUID, *, accepted: bool) -> None:
    """Store the decision of the button that was clicked."""
    remark = str(st.session_state.get(f"remark_{approval_id}") or "").strip()
    operator = operator_or_nobody()
    forms.carry_out(
        f"decide {approval_id}",
        lambda: actions.decide(operator, approval_id, accepted=accepted, reason=remark),
    )


def decided(db: Connection) -> None:
    """Draw accepted and rejected requests with the person who decided."""
    columns = (
        "requested_at", "action", "workspace_id", "minutes", "amount_cents", "reason",
        "requested_by", "state", "decided_by", "decided_at", "decision_reason",
    )  # fmt: skip
    rows = [request for request in approvals.list_approvals(db, limit=200) if request.state != "waiting"]
    frame = tables.from_rows(rows, columns).assign(
        what=[NAMES[row.action] for row in rows],
        amount=[amount(row) for row in rows],
        state=[sentence_case(row.state) for row in rows],
    )
    tables.show(
        frame,
        key="decided",
        linked=True,
        empty="No decisions yet.",
        file_name="approvals.csv",
        columns={
            "requested_at": tables.when("Requested"),
            "what": tables.text("Request"),
            "workspace_id": tables.text("Workspace"),
            "amount": tables.text("Amount", alignment="right"),
            "reason": tables.text("Reason"),
            "requested_by": tables.text("Requested by"),
            "state": states.column("Decision", ("Accepted", "Rejected"), width=120),
            "decided_by": tables.text("Decided by"),
            "decided_at": tables.when("Decided"),
            "decision_reason": tables.text("Note"),
        },
    )


def unusual(db: Connection) -> None:
    """Draw grants of the last 30 days to review."""
    rows = audit.unusual_grants(db, since=present() - timedelta(days=DAYS))
    st.caption("Three or more grants by one person to one workspace in 30 days, or unusually large sums.")
    tables.show(
        tables.from_rows(rows, ("actor", "workspace_id", "grants", "minutes", "largest", "last_at", "why")),
        key="unusual",
        file_name="unusual-grants.csv",
        linked=True,
        empty="No unusual grants.",
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
