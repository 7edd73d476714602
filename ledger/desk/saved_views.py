"""Saved views: the address of a page with its filters, saved under a name for one person."""

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


def save_view(db: Connection, operator: str, page: str, name: str, address: str, *, at: datetime) -> None:
    """Save a view under a name, replacing one of the same name. Raises InvalidText."""
    require_text(name, "name", at_most=80)
    binds = {
        "operator": operator,
        "page": page,
        "name": name.strip(),
        "query": address[:2000],
        "at": require_business_time(at),
    }
    db.execute(query("saved_view_keep"), binds)


def delete_view(db: Connection, operator: str, page: str, name: str) -> None:
    """Delete a view."""
    db.execute(query("saved_view_forget"), {"operator": operator, "page": page, "name": name})


def list_views(db: Connection, operator: str) -> list[SavedView]:
    """Return the views of a person, by page and name."""
    return [SavedView(**row) for row in db.execute(query("saved_views"), {"operator": operator}).mappings()]
