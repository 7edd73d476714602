"""The values that requests carry, each checked in one place: ids, minutes, keys and times."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import Header
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from dashboard.clock import present
from dashboard.server.problems import Problem

MAX_MINUTES = 1_000_000
MAX_AHEAD = timedelta(minutes=5)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
KEY_PATTERN = r"^[^\x00-\x1f\x7f]{1,255}$"
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)")


class Asked(BaseModel):
    """A request body: exactly the documented fields, exactly the documented types."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Told(BaseModel):
    """An answer, built from the dataclasses of the ledger."""

    model_config = ConfigDict(from_attributes=True)


def _read_time(value: Any) -> Any:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _RFC3339.fullmatch(value):
        msg = "a date and time with an offset is needed, as in 2026-03-01T12:00:00Z"
        raise ValueError(msg)
    try:
        return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except OverflowError:
        msg = "the time is outside the years 1 to 9999"
        raise ValueError(msg) from None


def _not_too_early(value: datetime) -> datetime:
    if value < EARLIEST:
        msg = "the time is before the year 2000"
        raise ValueError(msg)
    return value


def _not_ahead(value: datetime) -> datetime:
    if value > present() + MAX_AHEAD:
        msg = "the time is more than 5 minutes ahead of ours"
        raise ValueError(msg)
    return value


_TIME_SCHEMA = {"type": "string", "format": "date-time", "example": "2026-03-01T12:00:00Z"}

ReadTime = Annotated[
    datetime,
    BeforeValidator(_read_time),
    WithJsonSchema({**_TIME_SCHEMA, "description": "A time, with an offset."}),
]
"""A time that is only read at, past and future included."""

When = Annotated[
    ReadTime,
    AfterValidator(_not_too_early),
    AfterValidator(_not_ahead),
    WithJsonSchema(
        {
            **_TIME_SCHEMA,
            "description": "Business time, with an offset; from the year 2000 on, at most 5 minutes ahead. "
            "Without it: now.",
        }
    ),
]
"""The business time of a write."""

WorkspaceId = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$",
        description="The caller's own id of the workspace.",
        examples=["acme"],
    ),
]
Minutes = Annotated[int, Field(ge=1, le=MAX_MINUTES, examples=[1])]
Key = Annotated[
    str,
    Field(
        min_length=1,
        max_length=255,
        pattern=KEY_PATTERN,
        description="Names this write for ever: the same key with the same body gets the first answer again.",
        examples=["call-8731-minute-4"],
    ),
]
Seconds = Annotated[
    int, Field(ge=0, le=86_400 * 366, description="Raw length, kept with the use.", examples=[52])
]
Line = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]+$")]
"""Text of one line."""

KeyHeader = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="Names this write for ever (or `key` in the body).",
        examples=["call-8731-minute-4"],
    ),
]


def the_key(header: str | None, body: str | None) -> str:
    """Give the key of a write, taken from header or body. Neither, or two that differ, is a problem."""
    sent = _as_text(header) if header is not None else None
    if sent is not None and not re.fullmatch(KEY_PATTERN, sent):
        raise Problem(
            "invalid_request", "Idempotency-Key: 1 to 255 characters are needed, without control characters."
        )
    if sent is not None and body is not None and sent != body:
        raise Problem("invalid_request", "key: the header Idempotency-Key and the field `key` differ.")
    if sent is None and body is None:
        raise Problem("invalid_request", "key: the header Idempotency-Key or the field `key` is needed.")
    return body if sent is None else sent  # type: ignore[return-value]


def _as_text(header: str) -> str:
    """Headers arrive as Latin-1; clients that send other characters mean UTF-8."""
    try:
        return header.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return header
