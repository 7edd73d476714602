"""The audit log: every staff action with before, after and reason. Lines are added and never changed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from ledger.database import query
from ledger.validation import require_text, strip_invalid_chars

FAILED_SIGN_INS = 5
"""Minutes with a failed sign-in from one address that are no slip any more."""


@dataclass(frozen=True)
class Line:
    """One action: who, when, why, and what it changed; minutes and cents where the action moved any."""

    audit_no: int
    at: datetime
    recorded_at: datetime
    actor: str
    role: str
    action: str
    workspace_id: str | None
    subject: str | None
    minutes: int | None
    amount_cents: int | None
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    reason: str
    request_id: str


@dataclass(frozen=True)
class UnusualGrant:
    """Grants by one person to one workspace to review, and why (repeated or large)."""

    actor: str
    workspace_id: str
    grants: int
    minutes: int
    largest: int
    last_at: datetime
    why: str


def record(
    db: Connection,
    *,
    actor: str,
    role: str,
    action: str,
    at: datetime,
    request_id: str,
    workspace_id: str | None = None,
    subject: str | None = None,
    minutes: int | None = None,
    amount_cents: int | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> int:
    """Add a line and return its number. Raises InvalidText for text that cannot be stored."""
    bind = {
        "actor": require_text(actor, "actor"),
        "role": role,
        "action": action,
        "at": at,
        "request_id": require_text(request_id, "request id"),
        "workspace_id": workspace_id,
        "subject": subject,
        "minutes": minutes,
        "amount_cents": amount_cents,
        "before": json.dumps(dict(before or {}), default=str),
        "after": json.dumps(dict(after or {}), default=str),
        "reason": require_text(reason, "reason", at_most=2000) if reason else "",
    }
    return int(db.execute(query("audit_add"), bind).scalar_one())


def recorded(db: Connection, request_id: str, action: str) -> Line | None:
    """Return the line of an earlier request, or None."""
    row = db.execute(query("audit_of_request"), {"request_id": request_id, "action": action}).one_or_none()
    return Line(*row) if row else None


def one_at_a_time(db: Connection, actor: str) -> None:
    """Lock a person's actions until the end of the transaction."""
    db.execute(query("audit_one_at_a_time"), {"actor": actor})


def granted_since(db: Connection, actor: str, since: datetime) -> tuple[int, int]:
    """Return what a person granted and refunded without approval since a time: minutes and cents."""
    row = db.execute(query("audit_given"), {"actor": actor, "since": since}).one()
    return int(row.minutes), int(row.amount_cents)


def list_lines(
    db: Connection,
    *,
    text: str = "",
    actor: str | None = None,
    action: str | None = None,
    workspace_id: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[Line]:
    """Return lines of [since, until), newest first, that contain `text`; `before`: only lines with a lower number."""
    cleaned = strip_invalid_chars(text).strip()
    literal = cleaned.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    bind = {
        "part": f"%{literal}%" if cleaned else None,
        "actor": actor,
        "action": action,
        "workspace_id": workspace_id,
        "since": since,
        "until": until,
        "before": before,
        "limit": limit,
    }
    return [Line(*row) for row in db.execute(query("audit_list"), bind)]


def list_actors(db: Connection) -> tuple[list[str], list[str]]:
    """Return who acted and what was done in the latest 10,000 lines, each by name."""
    rows = db.execute(query("audit_actors")).all()
    return sorted({row.actor for row in rows}), sorted({row.action for row in rows})


def unusual_grants(db: Connection, *, since: datetime) -> list[UnusualGrant]:
    """Return workspaces with three or more grants by one person, or a sum above the 95th percentile and 300 minutes."""
    return [UnusualGrant(*row) for row in db.execute(query("audit_unusual_grants"), {"since": since})]


def count_knocking_addresses(db: Connection, *, since: datetime) -> int:
    """Return how many addresses have tried keys or sign-ins in vain since a time, too often for a slip."""
    binds = {"since": since, "sign_ins": FAILED_SIGN_INS}
    return int(db.execute(query("audit_knocking_addresses"), binds).scalar_one())
