"""Attributes of workspaces (seats, country, channel): any key, one value each, and a dimension of every metric."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection

from ledger.database import query
from ledger.errors import InvalidAttribute, UnknownAttribute
from ledger.minutes.workspaces import get_workspace
from ledger.snapshot_cache import fetch
from ledger.validation import is_valid_text, require_business_time

AttributeValue = str | int | float
KEYS_AT_MOST = 50
"""Most keys in one installation: each one is a filter on every page."""
VALUE_AT_MOST = 200
"""Longest text value, in characters."""
NUMBERS_BELOW = 10**15
RESERVED = frozenset(
    "plan billing_cycle package part currency day week month source metric dimension value weight pending at"  # noqa: SIM905
    " workspace_id name owner_email created_at".split()
)
"""Names already used by dimensions, columns or import files."""
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,6})?")


def set_attributes(
    db: Connection,
    workspace_id: str,
    attributes: Mapping[str, AttributeValue | None],
    *,
    actor: str,
    at: datetime,
) -> dict[str, AttributeValue]:
    """Set the given attributes, remove those given as None, and return all attributes of the workspace.

    A key is 1 to 40 of a-z 0-9 _ and begins with a letter; a value is a text of up to 200 characters or a number.
    Setting them again changes nothing. Raises UnknownWorkspace, InvalidAttribute, InvalidTime.
    """
    get_workspace(db, workspace_id)
    moment = require_business_time(at)
    removed = [_checked_key(key) for key, value in attributes.items() if _checked_value(key, value) is None]
    set_attributes_of_many(
        db,
        {workspace_id: {key: value for key, value in attributes.items() if value is not None}},
        actor=actor,
        at=moment,
    )
    db.execute(query("attributes_remove"), {"workspace_id": workspace_id, "keys": removed})
    return get_attributes(db, workspace_id)


def set_attributes_of_many(
    db: Connection, attributes: Mapping[str, Mapping[str, AttributeValue]], *, actor: str, at: datetime
) -> None:
    """Set attributes of workspaces that exist, by id. Raises InvalidAttribute, InvalidTime."""
    moment = require_business_time(at)
    rows = [
        {
            "workspace_id": workspace_id,
            "key": _checked_key(key),
            "value": str(value),
            "segment": segment_of(value),
            "is_number": not isinstance(value, str),
            "actor": actor,
            "at": moment,
        }
        for workspace_id, mine in attributes.items()
        for key, given in mine.items()
        if (value := _checked_value(key, given)) is not None
    ]
    if len({*attribute_keys(db), *(row["key"] for row in rows)}) > KEYS_AT_MOST:
        raise InvalidAttribute(f"An installation has at most {KEYS_AT_MOST} different keys.")
    if rows:
        db.execute(query("attribute_set"), rows)


def is_attribute_key(name: str) -> bool:
    """Return whether this is a valid attribute name."""
    return bool(_KEY.fullmatch(name)) and name not in RESERVED


def get_attributes(db: Connection, workspace_id: str) -> dict[str, AttributeValue]:
    """Return the attributes of a workspace by key; numbers as numbers."""
    results = db.execute(query("attributes_of_workspace"), {"workspace_id": workspace_id})
    return {row.key: _number(row.value) if row.is_number else row.value for row in results}


def require_attribute(key: object, value: object) -> AttributeValue | None:
    """Return the value as it would be stored; None removes. Raises InvalidAttribute for what cannot be stored."""
    return _checked_value(_checked_key(key), value)


def number_of(text: str) -> AttributeValue:
    """Return the value of a cell: a number if it is written as one, otherwise the text (also `007`)."""
    return _number(text) if _NUMBER.fullmatch(text) else text


def attribute_keys(db: Connection) -> list[str]:
    """Return the keys in use, in order. Reads one index entry per key."""
    return [row.key for row in fetch(db, query("attribute_keys"), {})]


def require_attributes(db: Connection, keys: Iterable[str]) -> None:
    """Raise UnknownAttribute for a key that no workspace has."""
    known = attribute_keys(db) if keys else []
    for key in keys:
        if key not in known:
            raise UnknownAttribute(f"{key!r}; known: {', '.join(known) or 'none'}")


def list_segments(db: Connection, *, limit: int = 100) -> dict[str, list[str]]:
    """Return the segments of each key (texts, or bands of numbers) in natural order.

    Reads one index entry per segment; a key with more than `limit` segments returns the first ones.
    """
    segments_of: dict[str, list[str]] = {}
    for row in fetch(db, query("attribute_segments"), {"limit": limit}):
        segments_of.setdefault(row.key, []).append(row.segment)
    return {key: sorted(segments, key=natural_order) for key, segments in segments_of.items()}


def segment_of(value: AttributeValue) -> str:
    """Return the segment of a value: a text is its own; a number falls into a band of 1, 2, 5, 10, 20, 50 ..."""
    if isinstance(value, str):
        return value
    if value < 0:
        return "below 0"
    if value < 1:
        return "0" if value == 0 else "0-1"
    step = 10 ** (len(str(int(value))) - 1)
    lowest = max(bound * step for bound in (1, 2, 5) if bound * step <= value)
    highest = {1: 2, 2: 5, 5: 10}[lowest // step] * step - 1
    return str(lowest) if highest == lowest else f"{lowest}-{highest}"


def natural_order(segment: str | None) -> tuple[float, str]:
    """Return the key that sorts bands by their number, texts by themselves, and `none` last."""
    text = segment or ""
    number = re.match(r"\d+", text)
    return (float(number[0]) if number else -1.0 if text == "below 0" else math.inf, text)


def _checked_key(key: object) -> str:
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise InvalidAttribute(f"A key is 1 to 40 of a-z 0-9 _ and begins with a letter: {key!r}"[:160])
    if key in RESERVED:
        raise InvalidAttribute(f"{key} is a reserved name.")
    return key


def _checked_value(key: str, value: object) -> AttributeValue | None:
    if value is None:
        return None
    if isinstance(value, str):
        if value.strip() and len(value) <= VALUE_AT_MOST and is_valid_text(value):
            return value.strip()
    elif isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < NUMBERS_BELOW:
        return int(value) if value == int(value) else float(value)
    raise InvalidAttribute(
        f"{key}: a value is a text of 1 to {VALUE_AT_MOST} characters or a number: {value!r}"[:160]
    )


def _number(text: str) -> AttributeValue:
    number = float(text)
    return int(number) if number == int(number) else number
