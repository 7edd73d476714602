"""Keys of programs that use the HTTP interface: only a hash of the secret is stored, and a key can be revoked."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import Connection

from ledger.database import query
from ledger.errors import InvalidText, LedgerError, NotFound
from ledger.minutes.workspaces import get_workspace
from ledger.validation import require_business_time

if TYPE_CHECKING:
    from collections.abc import Sequence

SCOPES = (
    "usage:write",
    "purchases:write",
    "workspaces:write",
    "webhooks:write",
    "metrics:read",
    "balance:read",
    "customers:read",
    "operations:read",
)
"""What a key can be allowed to do; the HTTP interface documents each scope."""

_SHAPE = re.compile(r"minutes_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_NAME = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]{1,100}")
MOST_REQUESTS = 1_000_000
MOST_GRANTED = 1_000_000
GRANT_MINUTES_PER_DAY = 1_000
"""Minutes that a key may grant per UTC day, unless it was created with another cap."""
_MINUTE = timedelta(minutes=1)


class UnknownKey(NotFound):
    """No API key has this id."""

    code = "unknown_key"


class UnknownScope(LedgerError):
    """A key needs at least one scope, and every scope must be known."""

    code = "unknown_scope"


class InvalidLimit(LedgerError):
    """A key allows 1 or more requests a minute, grants 0 or more minutes a day, and expires in the future."""

    code = "invalid_limit"


@dataclass(frozen=True)
class ApiKey:
    """One key, without its secret. `requests_per_minute` None: no limit. `last_used_at`: to the minute.

    `workspace_id`: the only workspace it may read and write; None: all. `expires_at` None: never.
    """

    key_id: str
    name: str
    scopes: tuple[str, ...]
    requests_per_minute: int | None
    grant_minutes_per_day: int
    workspace_id: str | None
    expires_at: datetime | None
    created_at: datetime
    created_by: str
    last_used_at: datetime | None
    revoked_at: datetime | None
    revoked_by: str | None
    approval_id: UUID | None = None
    approved_by: str | None = None
    secret_hash: bytes = field(default=b"", repr=False)

    def opens_with(self, secret: str) -> bool:
        """Whether `secret` belongs to this key and the key is not revoked; takes the same time either way."""
        return hmac.compare_digest(self.secret_hash, _hash(secret)) and self.revoked_at is None

    def state_at(self, at: datetime) -> str:
        """Return `active`, `waiting` (for a second person), `expired` or `revoked`."""
        if self.revoked_at is not None:
            return "revoked"
        if self.approval_id is not None and self.approved_by is None:
            return "waiting"
        return "expired" if self.expires_at is not None and self.expires_at <= at else "active"

    def line(self, at: datetime) -> str:
        """Return the key as one line of a listing, without its secret."""
        columns = [
            self.key_id,
            self.state_at(at),
            self.name,
            ",".join(self.scopes),
            f"{self.requests_per_minute} a minute" if self.requests_per_minute else "no limit",
            self.workspace_id or "all workspaces",
            f"expires {self.expires_at:%Y-%m-%d %H:%M} UTC" if self.expires_at else "never expires",
        ]
        return "\t".join(columns)


@dataclass(frozen=True)
class NewKey:
    """A new key. `text` is what the program sends; it is shown once."""

    key_id: str
    text: str = field(repr=False)


def create_key(
    db: Connection,
    *,
    name: str,
    scopes: tuple[str, ...],
    actor: str,
    at: datetime,
    requests_per_minute: int | None = None,
    grant_minutes_per_day: int = GRANT_MINUTES_PER_DAY,
    workspace_id: str | None = None,
    expires_at: datetime | None = None,
    approval_id: UUID | None = None,
) -> NewKey:
    """Make a key; with `approval_id` it opens nothing before somebody else has approved that request.

    Raises InvalidText (name), UnknownScope, InvalidLimit, UnknownWorkspace.
    """
    _require_name_and_scopes(name, scopes)
    if not 0 <= grant_minutes_per_day <= MOST_GRANTED:
        raise InvalidLimit(f"{grant_minutes_per_day} minutes a day were requested.")
    if expires_at is not None and require_business_time(expires_at) <= at:
        raise InvalidLimit(f"{expires_at.isoformat()} is not in the future.")
    if workspace_id is not None:
        get_workspace(db, workspace_id)
    key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    bind = {
        "key_id": key_id,
        "name": name,
        "secret_hash": _hash(secret),
        "scopes": [scope for scope in SCOPES if scope in scopes],
        "requests_per_minute": _limit(requests_per_minute),
        "grant_minutes_per_day": grant_minutes_per_day,
        "workspace_id": workspace_id,
        "expires_at": expires_at,
        "at": at,
        "actor": actor,
        "approval_id": approval_id,
    }
    db.execute(query("api_key_create"), bind)
    return NewKey(key_id, f"minutes_{key_id}_{secret}")


def _require_name_and_scopes(name: str, scopes: Sequence[str]) -> None:
    if not _NAME.fullmatch(name) or not name.strip():
        raise InvalidText("A key's name is one line of 1 to 100 characters.")
    if not scopes:
        raise UnknownScope("Choose at least one scope.")
    if not set(scopes) <= set(SCOPES):
        raise UnknownScope(f"Known are {', '.join(SCOPES)}.")


def is_powerful(scopes: Sequence[str]) -> bool:
    """Return whether a key with these scopes can change something."""
    return any(scope.endswith(":write") for scope in scopes)


def approve_key(db: Connection, approval_id: UUID, *, actor: str) -> str | None:
    """Approve a key, so that its scopes take effect. Return its id; None when it was revoked meanwhile."""
    bind = {"approval_id": approval_id, "actor": actor}
    return db.execute(query("api_key_approve"), bind).scalar_one_or_none()


def split_key(text: str) -> tuple[str, str] | None:
    """Return id and secret of what a program sent, or None when it does not look like a key."""
    match = _SHAPE.fullmatch(text)
    return (match[1], match[2]) if match else None


def find_key(db: Connection, key_id: str) -> ApiKey | None:
    """Return the key of this id, revoked or not, with its hash; None when there is none."""
    row = db.execute(query("api_key_find"), {"key_id": key_id}).mappings().one_or_none()
    return ApiKey(**{**row, "scopes": tuple(row["scopes"])}) if row else None


def list_keys(db: Connection) -> list[ApiKey]:
    """Return all keys, without hashes; the revoked ones last."""
    rows = db.execute(query("api_key_list")).mappings()
    return [ApiKey(**{**row, "scopes": tuple(row["scopes"])}) for row in rows]


def revoke_key(db: Connection, key_id: str, *, actor: str, at: datetime) -> None:
    """Revoke a key permanently. Revoking it again changes nothing. Raises UnknownKey."""
    if db.execute(query("api_key_revoke"), {"key_id": key_id, "actor": actor, "at": at}).rowcount == 0:
        raise UnknownKey(key_id)


def set_request_limit(db: Connection, key_id: str, requests_per_minute: int | None) -> ApiKey:
    """Set how many requests a minute a key may make, None for no limit, and return the key as it was before.

    Raise UnknownKey, also for a revoked one, or InvalidLimit.
    """
    key = find_key(db, key_id)
    if key is None or key.revoked_at is not None:
        raise UnknownKey(key_id)
    bind = {"key_id": key_id, "requests_per_minute": _limit(requests_per_minute)}
    db.execute(query("api_key_limit"), bind)
    return key


def note_use(db: Connection, key_id: str, *, at: datetime) -> None:
    """Store when a key was last used; the time never moves backwards."""
    db.execute(query("api_key_used"), {"key_id": key_id, "at": at})


@dataclass(frozen=True, kw_only=True)
class Window:
    """What remains of a limited key's minute. `refused`: this request exceeded the limit."""

    remaining: int
    seconds_left: int
    refused: bool


def count_request(db: Connection, key: ApiKey, *, at: datetime) -> Window | None:
    """Count one request, and return what is left of the key's minute; None for a key without a limit."""
    most = key.requests_per_minute
    if most is None:
        return None
    started_at = at.replace(second=0, microsecond=0)
    bind = {"key_id": key.key_id, "started_at": started_at, "most": most}
    requests = db.execute(query("api_key_count_request"), bind).scalar_one_or_none()
    return Window(
        remaining=0 if requests is None else most - requests,
        seconds_left=int((started_at + _MINUTE - at).total_seconds()) + 1,
        refused=requests is None,
    )


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _limit(requests_per_minute: int | None) -> int | None:
    if requests_per_minute is not None and not 1 <= requests_per_minute <= MOST_REQUESTS:
        raise InvalidLimit(f"{requests_per_minute} requests a minute were requested.")
    return requests_per_minute
