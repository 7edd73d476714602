"""Business times that a request names: never before its workspace was created."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine

from dashboard import installation
from dashboard.installation import reading
from ledger.errors import InvalidTime
from ledger.minutes import creation_times
from ledger.notify import utc

CACHED = 100_000
_cached: WeakKeyDictionary[Engine, dict[str, datetime]] = WeakKeyDictionary()
"""When workspaces were created, which never changes; by database."""


def require_after_creation(workspace_id: str, at: datetime | None) -> None:
    """Raise InvalidTime for an explicit time before the workspace was created; None is no explicit time."""
    if at is not None and (created_at := _created({workspace_id}).get(workspace_id)) and at < created_at:
        raise _too_early(created_at)


def before_creation(uses: Iterable[Mapping[str, Any]]) -> dict[int, InvalidTime]:
    """Return the refusals, by position, of uses whose explicit time is before their workspace was created."""
    explicit = {place: use for place, use in enumerate(uses) if use["at_is_explicit"]}
    if not explicit:
        return {}
    created = _created({use["workspace_id"] for use in explicit.values()})
    return {
        place: _too_early(created[use["workspace_id"]])
        for place, use in explicit.items()
        if use["workspace_id"] in created and use["at"] < created[use["workspace_id"]]
    }


def _created(workspace_ids: set[str]) -> dict[str, datetime]:
    cached = _cached.setdefault(installation.engine(), {})
    if unknown := workspace_ids - cached.keys():
        if len(cached) >= CACHED:
            cached.clear()
        with reading() as db:
            cached |= creation_times(db, sorted(unknown))
    return cached


def _too_early(created_at: datetime) -> InvalidTime:
    return InvalidTime(f"this one was created at {utc(created_at)}")
