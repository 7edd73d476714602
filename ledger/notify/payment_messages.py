"""What became of the messages about purchases and automatic top-ups of one workspace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from ledger.database import query

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, kw_only=True)
class PaymentMessage:
    """One event about a purchase or about the top-up of an epoch. `delivery`: pending, delivered or dead."""

    type: str
    purchase_id: UUID | None
    epoch: int | None
    delivery: str
    delivered_at: datetime | None
    last_error: str | None


def list_payment_messages(db: Connection, workspace_id: str, *, limit: int = 200) -> list[PaymentMessage]:
    """Return the messages about payments of a workspace, newest first; those of 90 days ago are deleted."""
    rows = db.execute(query("payment_messages"), {"workspace_id": workspace_id, "limit": limit})
    return [PaymentMessage(**row) for row in rows.mappings()]
