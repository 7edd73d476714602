"""The audit log: what staff did, with before, after and reason. Lines are added, never changed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from ledger.database import query
from ledger.validation import require_text, strip_invalid_chars


@dataclass(frozen=True)
class Line:
    """One line: who did what to whom, when, why, and what it changed. Minutes and cents where some moved."""

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
    """Grants of one person to one workspace that deserve a second look, and why (repeated or large)."""

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
    """The line of a request that was carried out before, or None."""
    row = db.execute(query("audit_of_request"), {"request_id": request_id, "action": action}).one_or_none()
    return Line(*row) if row else None


def one_at_a_time(db: Connection, actor: str) -> None:
    """Wait until no other transaction acts for this person; lasts until the end of the transaction."""
    db.execute(query("audit_one_at_a_time"), {"actor": actor})


def given_since(db: Connection, actor: str, since: datetime) -> tuple[int, int]:
    """What a person gave away alone since a moment: minutes of grants, cents of refunds."""
    row = db.execute(query("audit_given"), {"actor": actor, "since": since}).one()
    return int(row.minutes), int(row.amount_cents)


def list_lines(
    db: Connection,
    *,
    text: str = "",
    actor: str | None = None,
    action: str | None = None,
    workspace_id: str | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[Line]:
    """The log, newest first; `text` anywhere in it; `before`: only lines numbered lower (keyset paging)."""
    cleaned = strip_invalid_chars(text).strip()
    literal = cleaned.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    bind = {
        "part": f"%{literal}%" if cleaned else None,
        "actor": actor,
        "action": action,
        "workspace_id": workspace_id,
        "before": before,
        "limit": limit,
    }
    return [Line(*row) for row in db.execute(query("audit_list"), bind)]


def unusual_grants(db: Connection, *, since: datetime) -> list[UnusualGrant]:
    """Three or more grants from one person to one workspace, or a sum above the 95th percentile and 300 minutes."""
    return [UnusualGrant(*row) for row in db.execute(query("audit_unusual_grants"), {"since": since})]
