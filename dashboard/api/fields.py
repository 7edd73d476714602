"""The values that requests carry, each checked in one place: ids, minutes, keys and times."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import Header, Path, Query
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)
from typing_extensions import TypeAliasType

from dashboard.clock import present
from dashboard.server.problems import Problem
from ledger.validation import read_time

MAX_MINUTES = 1_000_000
MAX_AHEAD = timedelta(minutes=5)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
KEY_PATTERN = r"^[^\x00-\x1f\x7f]{1,255}$"
_QUOTED = re.compile(r'"(.{0,255})"')
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)")


class RequestBody(BaseModel):
    """A request body: exactly the documented fields, exactly the documented types."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _read_time(value: Any) -> Any:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _RFC3339.fullmatch(value):
        msg = "a date and time with a UTC offset is needed, as in 2026-03-01T12:00:00Z"
        raise ValueError(msg)
    try:
        return read_time(value.upper()).astimezone(UTC)
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
        msg = "the time is more than 5 minutes ahead"
        raise ValueError(msg)
    return value


_TIME = {"type": "string", "format": "date-time"}
_AN_EXAMPLE = {"examples": ["2026-03-01T12:00:00Z"]}

ReadTime = Annotated[
    datetime,
    BeforeValidator(_read_time),
    WithJsonSchema({**_TIME, "description": "A time with a UTC offset."}),
]
"""A time to read at or to filter by, past and future included."""

PastTime = Annotated[ReadTime, AfterValidator(_not_ahead), WithJsonSchema({**_TIME, **_AN_EXAMPLE})]
"""A time to read a balance at: at most 5 minutes ahead."""

When = Annotated[
    ReadTime,
    AfterValidator(_not_too_early),
    AfterValidator(_not_ahead),
    WithJsonSchema(
        {
            **_TIME,
            **_AN_EXAMPLE,
            "description": "Business time with a UTC offset: not before the workspace was created, at most 5 minutes "
            "ahead. Leave it out for now. An explicit time is part of the request: the same key with another time "
            "is refused.",
        }
    ),
]
"""The business time of a write."""

WorkspaceId = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$",
        description="Your own id of the workspace.",
        examples=["acme"],
    ),
]
PathId = Annotated[WorkspaceId, Path()]
Minutes = Annotated[
    int, Field(ge=1, le=MAX_MINUTES, description="Whole minutes. Defaults to 1.", examples=[160])
]
Key = Annotated[
    str,
    Field(
        min_length=1,
        max_length=255,
        pattern=KEY_PATTERN,
        description="The idempotency key: names this write for ever, per workspace and kind of write. The header "
        "`Idempotency-Key` does the same; send one of the two.",
        examples=["call-8731"],
    ),
]
Seconds = Annotated[
    int,
    Field(ge=0, le=86_400 * 366, description="Raw length in seconds, stored with the use.", examples=[9552]),
]
Line = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]+$")]
"""Text of one line."""

PlanCode = Annotated[
    str,
    Field(
        pattern=r"^[a-z][a-z0-9_-]{0,39}$",
        description="Code of a plan, as `GET /api/plans` lists them.",
        examples=["starter"],
    ),
]
PackageCode = Annotated[
    str,
    Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$", description="Code of a package on sale.", examples=["small"]),
]
BillingCycle = TypeAliasType(
    "BillingCycle",
    Annotated[
        Literal["monthly", "annual"],
        Field(description="`annual` adds twelve months at once and is never reset."),
    ],
)
Source = TypeAliasType(
    "Source",
    Annotated[
        Literal["live", "stripe_test", "sandbox", "demo"],
        Field(description="Which kind of money a workspace moves; set when it is created."),
    ],
)
KeyHeader = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="Identifies this write permanently, per workspace and kind of write (or send `key` in the body).",
        examples=["call-8731"],
    ),
]
AttributeFilter = Annotated[
    list[Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}:[^\x00]{1,200}$")]] | None,
    Query(
        max_length=50,
        description="Only workspaces with this attribute, as `key:value`; of a number its band (`seats:10-19`), and "
        "`none` for those without it. Repeat the parameter for a second attribute.",
        examples=[["country:DE", "channel:partner"]],
    ),
]
Limit = Annotated[int, Query(ge=1, le=1000, description="Items per page.", examples=[100])]
Start = Annotated[ReadTime | None, Query(description="From this time on. Omit for no lower bound.")]
End = Annotated[ReadTime | None, Query(description="Before this time. Omit for no upper bound.")]


def attribute_filters(sent: list[str] | None) -> dict[str, str]:
    """Return what each attribute has to be. Raise Problem for one that is sent twice."""
    pairs = [each.partition(":")[::2] for each in sent or ()]
    keys = [key for key, _ in pairs]
    if twice := next((key for key in keys if keys.count(key) > 1), None):
        fault = {
            "pointer": "query/attribute",
            "code": "sent_twice",
            "detail": f"{twice} is sent more than once",
        }
        raise Problem("invalid_request", f"attribute: {twice} is sent more than once", errors=[fault])
    return dict(pairs)


def the_key(header: str | None, body: str | None) -> str:
    """Return the key of a write, from header or body. Raise Problem when there is none, or two that differ."""
    sent = _as_text(header) if header is not None else None
    if sent is not None and not re.fullmatch(KEY_PATTERN, sent):
        raise _wrong_key("Idempotency-Key: 1 to 255 characters are needed, without control characters.")
    if sent is not None and body is not None and sent != body:
        raise _wrong_key("key: the header Idempotency-Key and the field `key` differ.")
    if sent is None and body is None:
        raise _wrong_key("key: the header Idempotency-Key or the field `key` is needed.")
    return body if sent is None else sent  # type: ignore[return-value]


def _wrong_key(detail: str) -> Problem:
    fault = {"pointer": "header/Idempotency-Key", "code": "idempotency_key", "detail": detail}
    return Problem("invalid_request", detail, errors=[fault])


def _as_text(header: str) -> str:
    """Return the header as the caller meant it: UTF-8 inside Latin-1, with or without the quotes of the draft."""
    try:
        text = header.encode("latin-1").decode("utf-8")
    except UnicodeError:
        text = header
    quoted = _QUOTED.fullmatch(text)
    return quoted[1] if quoted else text
