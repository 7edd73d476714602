"""Offers that customers saw: the step of the conversion funnel between the limit and the purchase."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.database import query
from ledger.errors import KeyReused
from ledger.minutes.workspaces import get_workspace
from ledger.validation import require_business_time, require_key

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


def record_offer_seen(
    db: Connection, workspace_id: str, *, key: str, at: datetime, at_is_explicit: bool = False
) -> None:
    """Record that a customer was shown the packages at `at`. A repeat of the key changes nothing.

    `at_is_explicit`: a repeat of the key with another `at` is another request. Raises UnknownWorkspace, KeyReused.
    """
    get_workspace(db, workspace_id)
    binds = {"workspace_id": workspace_id, "key": require_key(key), "at": require_business_time(at)}
    if db.execute(query("add_offer_seen"), binds).one_or_none():
        return
    first = db.execute(query("offer_seen"), binds).scalar_one()
    if at_is_explicit and first != binds["at"]:
        raise KeyReused(key)
