"""Approvals: requests above a person's limit, which a second person accepts or rejects."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from ledger.database import query
from ledger.errors import AlreadyDecided, SecondPersonNeeded, UnknownApproval
from ledger.validation import require_text


@dataclass(frozen=True)
class Approval:
    """One request: the `action` with its `body`, who requested it and why, and its outcome."""

    approval_id: UUID
    action: str
    workspace_id: str | None
    body: Mapping[str, Any]
    minutes: int
    amount_cents: int
    reason: str
    requested_by: str
    requested_role: str
    requested_at: datetime
    state: str
    decided_by: str | None
    decided_at: datetime | None
    decision_reason: str | None


def request_approval(
    db: Connection,
    approval_id: UUID,
    *,
    action: str,
    workspace_id: str | None,
    body: Mapping[str, Any],
    reason: str,
    actor: str,
    role: str,
    at: datetime,
    minutes: int = 0,
    amount_cents: int = 0,
) -> None:
    """Store a request. Repeating an `approval_id` changes nothing. Raises InvalidText without a reason."""
    bind = {
        "approval_id": approval_id,
        "action": action,
        "workspace_id": workspace_id,
        "body": json.dumps(dict(body), default=str),
        "minutes": minutes,
        "amount_cents": amount_cents,
        "reason": require_text(reason, "reason", at_most=2000),
        "requested_by": actor,
        "requested_role": role,
        "at": at,
    }
    db.execute(query("approval_ask"), bind)


def lock_waiting(db: Connection, approval_id: UUID, *, decided_by: str) -> Approval:
    """Return a waiting request, locked for its decision.

    Raises UnknownApproval, AlreadyDecided, SecondPersonNeeded (their own request).
    """
    row = db.execute(query("approval_lock"), {"approval_id": approval_id}).one_or_none()
    if row is None:
        raise UnknownApproval(str(approval_id))
    approval = Approval(*row)
    if approval.state != "waiting":
        raise AlreadyDecided(f"{approval.state} by {approval.decided_by}")
    if approval.requested_by == decided_by:
        raise SecondPersonNeeded(decided_by)
    return approval


def decide(
    db: Connection, approval_id: UUID, *, accepted: bool, decided_by: str, reason: str, at: datetime
) -> None:
    """Store the decision on a request that `lock_waiting` returned."""
    bind = {
        "approval_id": approval_id,
        "state": "accepted" if accepted else "rejected",
        "decided_by": decided_by,
        "reason": require_text(reason, "reason", at_most=2000) if reason else None,
        "at": at,
    }
    db.execute(query("approval_decide"), bind)


def list_approvals(
    db: Connection, *, state: str | None = None, workspace_id: str | None = None, limit: int = 100
) -> list[Approval]:
    """Return requests in a state, of one workspace or all; waiting requests come first."""
    bind = {"state": state, "workspace_id": workspace_id, "limit": limit}
    return [Approval(*row) for row in db.execute(query("approval_list"), bind)]
