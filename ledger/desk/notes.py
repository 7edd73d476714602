"""Notes of staff on a workspace, pins, and recently opened workspaces."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from ledger.database import query
from ledger.minutes.workspaces import get_workspace
from ledger.validation import require_text


@dataclass(frozen=True)
class Note:
    """One note: its text as typed, author and time."""

    note_id: UUID
    text: str
    author: str
    at: datetime


@dataclass(frozen=True)
class Opened:
    """A workspace that a person opened or pinned."""

    workspace_id: str
    name: str
    opened_at: datetime
    pinned: bool


def add_note(
    db: Connection, workspace_id: str, note_id: UUID, text: str, *, author: str, at: datetime
) -> None:
    """Save a note. Repeating a `note_id` changes nothing. Raises UnknownWorkspace, InvalidText."""
    get_workspace(db, workspace_id)
    bind = {
        "workspace_id": workspace_id,
        "note_id": note_id,
        "text": require_text(text, "note", at_most=10_000),
        "author": author,
        "at": at,
    }
    db.execute(query("note_add"), bind)


def remove_note(db: Connection, workspace_id: str, note_id: UUID, *, author: str | None) -> str | None:
    """Remove a note and return its text, or None when there is none. `author`: only their own note."""
    bind = {"workspace_id": workspace_id, "note_id": note_id, "author": author}
    return db.execute(query("note_remove"), bind).scalar_one_or_none()


def list_notes(db: Connection, workspace_id: str) -> list[Note]:
    """Return the notes of a workspace, newest first."""
    return [Note(*row) for row in db.execute(query("note_list"), {"workspace_id": workspace_id})]


def opened(db: Connection, operator: str, workspace_id: str, *, at: datetime) -> None:
    """Record that a person opened a workspace."""
    db.execute(query("opened_add"), {"operator": operator, "workspace_id": workspace_id, "at": at})


def pin(db: Connection, operator: str, workspace_id: str, *, pinned: bool, at: datetime) -> None:
    """Pin or unpin a workspace in a person's list."""
    bind = {"operator": operator, "workspace_id": workspace_id, "at": at, "pinned_at": at if pinned else None}
    db.execute(query("opened_pin"), bind)


def list_opened(db: Connection, operator: str, *, limit: int = 12) -> list[Opened]:
    """Return pinned workspaces, then recently opened ones."""
    return [Opened(*row) for row in db.execute(query("opened_list"), {"operator": operator, "limit": limit})]
