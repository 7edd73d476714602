"""What waits for support: disputes by their deadline, failed payments, and payments held back."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from sqlalchemy import Connection

from ledger.database import query

WAITING_KINDS = ("disputes", "failed", "invoices", "quarantined")
"""In the order of their urgency."""
FAILED_SINCE = timedelta(days=7)
DUE_SOON = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class WaitingCase:
    """One case: whom it is about, since when it waits, until when an answer counts, and the money concerned.

    `object_id`: the dispute, purchase, invoice or payment. `detail`: the bank's reason, or what is wrong.
    """

    workspace_id: str | None
    name: str | None
    object_id: str
    at: datetime
    due_at: datetime | None
    amount_cents: int | None
    currency: str | None
    detail: str | None


_COLUMNS = tuple(field.name for field in fields(WaitingCase))


@dataclass(frozen=True)
class WaitingCases:
    """The cases of one kind, the most urgent first: how many, how many of them are due soon, and the first of them."""

    kind: str
    count: int
    due_soon: int
    first: tuple[WaitingCase, ...]


def list_attention(db: Connection, *, at: datetime, limit: int = 50) -> Mapping[str, WaitingCases]:
    """Return what waits at `at`, by kind in the order of urgency; kinds without a case are left out."""
    bind = {"since": at - FAILED_SINCE, "soon": at + DUE_SOON, "limit": limit}
    rows = db.execute(query("attention"), bind).mappings().all()
    waiting: dict[str, WaitingCases] = {}
    for kind in WAITING_KINDS:
        cases = [row for row in rows if row["kind"] == kind]
        if cases:
            first = tuple(WaitingCase(**{name: row[name] for name in _COLUMNS}) for row in cases)
            waiting[kind] = WaitingCases(kind, cases[0]["cases"], cases[0]["due_soon"], first)
    return waiting
