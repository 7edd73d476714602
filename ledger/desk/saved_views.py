"""Saved views: the address of a page with its filters, kept by name for one person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from ledger.database import query
from ledger.validation import require_business_time, require_text


@dataclass(frozen=True)
class SavedView:
    """A page and its query string, under a name."""

    page: str
    name: str
    query: str
    saved_at: datetime


def keep_view(db: Connection, operator: str, page: str, name: str, address: str, *, at: datetime) -> None:
    """Keep or replace a view of this name. Raises InvalidText."""
    require_text(name, "name", at_most=80)
    binds = {
        "operator": operator,
        "page": page,
        "name": name.strip(),
        "query": address[:2000],
        "at": require_business_time(at),
    }
    db.execute(query("saved_view_keep"), binds)


def forget_view(db: Connection, operator: str, page: str, name: str) -> None:
    """Remove a view."""
    db.execute(query("saved_view_forget"), {"operator": operator, "page": page, "name": name})


def list_views(db: Connection, operator: str) -> list[SavedView]:
    """The views of a person, by page and name."""
    return [SavedView(**row) for row in db.execute(query("saved_views"), {"operator": operator}).mappings()]
