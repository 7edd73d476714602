"""Sign-in sessions: one for each browser, known by the digest of its cookie, and ended by the server."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal

from sqlalchemy import Connection

from ledger.database import query
from ledger.validation import strip_invalid_chars

LASTS = timedelta(hours=12)
IDLE_LASTS = timedelta(hours=2)
NOTED_EVERY = timedelta(minutes=1)
"""How precisely the last click of a session is stored: not every click is written."""
BROWSER_LENGTH = 300
Because = Literal[
    "signed_out", "signed_out_everywhere", "role_changed", "deactivated", "ended_by_administrator"
]


@dataclass(frozen=True)
class SignInSession:
    """One browser that is signed in. `email` is null until its first page."""

    session_id: bytes
    email: str | None
    started_at: datetime
    seen_at: datetime
    address: str
    browser: str


def session_id_of(cookies: Mapping[str, str], name: str) -> bytes | None:
    """Return the id of the session that the sign-in cookie `name` belongs to, None without one.

    A long cookie comes in parts: `name`, `name_1`, `name_2` and so on.
    """
    if not cookies.get(name):
        return None
    parts = [cookies[name]]
    while (part := cookies.get(f"{name}_{len(parts)}")) is not None:
        parts.append(part)
    return sha256("\n".join(parts).encode()).digest()


def start_session(db: Connection, session_id: bytes, *, address: str, browser: str, at: datetime) -> None:
    """Record that a browser has signed in, and forget sessions of more than 90 days ago."""
    bind = {
        "session_id": session_id,
        "address": strip_invalid_chars(address)[:100],
        "browser": strip_invalid_chars(browser)[:BROWSER_LENGTH],
        "at": at,
    }
    db.execute(query("session_start"), bind)


def live_session(db: Connection, session_id: bytes, *, at: datetime) -> SignInSession | None:
    """Return the session while it lasts: it ends by itself after twelve hours, or two without a click."""
    row = db.execute(query("session_get"), {"session_id": session_id, **_bounds(at)}).one_or_none()
    return SignInSession(*row) if row else None


def is_due(session: SignInSession, email: str, at: datetime) -> bool:
    """Return whether the last click of a session has to be written."""
    return session.email != email or at - session.seen_at >= NOTED_EVERY


def note_click(db: Connection, session_id: bytes, email: str, *, at: datetime) -> None:
    """Record who uses a session, and when they last did."""
    db.execute(query("session_touch"), {"session_id": session_id, "email": email, "at": at})


def end_session(db: Connection, session_id: bytes, *, because: Because, at: datetime) -> bool:
    """End one session for good. Return whether it had not ended before."""
    bind = {"session_id": session_id, "because": because, "at": at}
    return bool(db.execute(query("session_end"), bind).rowcount)


def end_sessions_of(db: Connection, email: str, *, because: Because, at: datetime) -> int:
    """End every session of a person. Return how many there were."""
    return db.execute(
        query("sessions_end_of_person"), {"email": email.strip(), "because": because, "at": at}
    ).rowcount


def list_sessions(db: Connection, *, at: datetime) -> list[SignInSession]:
    """Return who is signed in, the latest click first."""
    return [SignInSession(*row) for row in db.execute(query("sessions_list"), _bounds(at))]


def _bounds(at: datetime) -> dict[str, datetime]:
    return {"not_before": at - LASTS, "idle_since": at - IDLE_LASTS}
