"""Checks arguments before they reach the database, so that a refusal leaves the caller's transaction usable."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

from ledger.errors import (
    InvalidDuration,
    InvalidEmail,
    InvalidKey,
    InvalidMinutes,
    InvalidText,
    InvalidTime,
    InvalidWorkspaceId,
)

MINUTES_AT_MOST = 1_000_000
KEY_AT_MOST = 255
FIRST_YEAR, LAST_YEAR = 1970, 2199
LEAP_SECOND = re.compile(r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:)60")
_SECONDS_AT_MOST = 2**62
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
SPECIAL_USE_DOMAIN_NAMES.remove("invalid")  # addresses that reach nobody: simulated copies, erased customers
_EMAIL_AT_MOST = 254
"""RFC 5321: an address is at most this many characters long."""
_WORKSPACE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")


def require_minutes(minutes: object) -> int:
    """Return whole minutes from 1 to 1,000,000. Raise InvalidMinutes."""
    if not isinstance(minutes, int) or isinstance(minutes, bool) or not 1 <= minutes <= MINUTES_AT_MOST:
        raise InvalidMinutes(repr(minutes)[:60])
    return minutes


def require_key(key: object) -> str:
    """Return an idempotency key of 1 to 255 characters. Raise InvalidKey."""
    if not isinstance(key, str) or not 1 <= len(key) <= KEY_AT_MOST or not is_valid_text(key):
        raise InvalidKey(repr(key)[:60])
    return key


def require_business_time(at: object) -> datetime:
    """Return the time of a write, in UTC: with an offset, in the years 1970 to 2199. Raise InvalidTime.

    Every write books the months due by then, one lot each, so a wrong century would book thousands.
    """
    moment = require_aware(at)
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise InvalidTime(repr(at)[:60])
    return moment


def read_time(text: str) -> datetime:
    """Return the moment of a text of ISO 8601; second 60, a leap second, is the next minute. Raise ValueError."""
    leap = LEAP_SECOND.match(text)
    if leap is None:
        return datetime.fromisoformat(text)
    try:
        return datetime.fromisoformat(f"{leap[1]}59{text[leap.end() :]}") + timedelta(seconds=1)
    except OverflowError:
        raise ValueError(text[:60]) from None


def require_aware(at: object) -> datetime:
    """Return the time of a read, in UTC. Raise InvalidTime without an offset."""
    if not isinstance(at, datetime) or at.utcoffset() is None:
        raise InvalidTime(repr(at)[:60])
    try:
        return at.astimezone(UTC)
    except OverflowError as error:
        raise InvalidTime(repr(at)[:60]) from error


def require_text(text: object, what: str, *, at_most: int = 500) -> str:
    """Return text that is not blank and can be stored. Raise InvalidText that names `what`."""
    if not isinstance(text, str) or not text.strip():
        cause = f"Enter a {what}."
    elif len(text) > at_most:
        cause = f"Use at most {at_most:,} characters."
    elif not is_valid_text(text):
        cause = "Remove the character that can't be stored."
    else:
        return text
    raise InvalidText(f"{what}: {text!r}"[:80], what=what, cause=cause)


def require_email(address: object) -> str:
    """Return an e-mail address without surrounding space; raises InvalidEmail."""
    if not isinstance(address, str) or not is_valid_text(address) or len(address.strip()) > _EMAIL_AT_MOST:
        raise InvalidEmail(repr(address)[:80])
    try:
        validate_email(address.strip(), test_environment=True, globally_deliverable=False)
    except EmailNotValidError as error:
        raise InvalidEmail(repr(address)[:80]) from error
    return address.strip()


def require_duration(duration_seconds: object) -> int | None:
    """Return whole seconds, 0 or more, or None. Raise InvalidDuration."""
    if duration_seconds is None:
        return None
    if (
        not isinstance(duration_seconds, int)
        or isinstance(duration_seconds, bool)
        or not 0 <= duration_seconds <= _SECONDS_AT_MOST
    ):
        raise InvalidDuration(repr(duration_seconds)[:60])
    return duration_seconds


def require_workspace_id(workspace_id: object) -> str:
    """Return a valid new workspace id. Raise InvalidWorkspaceId."""
    if not isinstance(workspace_id, str) or not _WORKSPACE_ID.fullmatch(workspace_id):
        raise InvalidWorkspaceId(repr(workspace_id)[:80])
    return workspace_id


def is_valid_text(text: str) -> bool:
    """Whether PostgreSQL can store a text: no NUL and no lone surrogate."""
    return not _UNSTORABLE.search(text)


def strip_invalid_chars(text: str) -> str:
    """Return a search text without characters that are never stored."""
    return _UNSTORABLE.sub("", text)
