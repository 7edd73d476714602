"""Intake of used minutes, one at a time or in batches, and the question whether a use would be covered."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from weakref import WeakKeyDictionary

from fastapi import APIRouter
from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import to_json
from sqlalchemy import Connection
from starlette.responses import Response

import ledger
from dashboard.api.auth import GuardedRoute, needs
from dashboard.api.coalesce import Coalescer
from dashboard.api.fields import Asked, Key, KeyHeader, Minutes, Seconds, Told, When, WorkspaceId, the_key
from dashboard.api.responses import problems
from dashboard.clock import present
from dashboard.installation import reading, write
from dashboard.server.problems import ProblemDocument, describe, of_code, sentence
from dashboard.server.threads import threads
from ledger.errors import InsufficientMinutes, KeyReused, LedgerError
from ledger.minutes.uses import book_refusal

router = APIRouter(prefix="/api/usage", tags=["usage"], route_class=GuardedRoute)
MAX_USES = 10_000


class UseInBatch(Asked):
    """One use of minutes inside a batch."""

    workspace_id: WorkspaceId
    minutes: Minutes = 1
    key: Key
    at: When | None = None
    duration_seconds: Seconds | None = None


class UseAsked(Asked):
    """One use of minutes. Exactly one of `key` and the header Idempotency-Key is needed."""

    workspace_id: WorkspaceId
    minutes: Minutes = 1
    key: Key | None = None
    at: When | None = None
    duration_seconds: Seconds | None = None
    require_full: Annotated[
        bool, Field(description="All or nothing: refuse (402) what is not fully covered.")
    ] = False


class UsesAsked(Asked):
    """Up to 10,000 uses, applied in this order. One bad use does not stop the others."""

    uses: Annotated[
        list[Any],
        Field(
            min_length=1,
            max_length=MAX_USES,
            json_schema_extra={"items": {"$ref": "#/components/schemas/UseInBatch"}},
            examples=[[{"workspace_id": "acme", "minutes": 2, "key": "call-8731-minutes-4-5"}]],
        ),
    ]


class UseTold(Told):
    """What one use drew, and what is left after it."""

    workspace_id: str
    minutes: int
    from_plan: int
    from_extra: int
    unmet_minutes: Annotated[
        int, Field(description="Asked for but not there. The balance is never negative.")
    ]
    plan_minutes: int
    extra_minutes: int
    total_minutes: int
    percent_used: float | None
    thresholds: Annotated[
        list[int], Field(description="All of 80, 90, 100 crossed by this use.", examples=[[80]])
    ]
    warning: Annotated[int | None, Field(description="The highest of `thresholds`.", examples=[80])]
    allowed: Annotated[bool, Field(description="Nothing was unmet.")]
    repeated: Annotated[bool, Field(description="This key was booked before; this is its first answer.")]


class UseRefused(Told):
    """A use of a batch that was not booked, and why."""

    problem: ProblemDocument


class UsesTold(Told):
    """One result for each use, in order."""

    results: list[UseTold | UseRefused]


class LimitTold(Told):
    """Whether a use of `minutes` would be covered now."""

    allowed: bool
    plan_minutes: int
    extra_minutes: int
    total_minutes: int
    percent_used: float | None
    warning: Annotated[int | None, Field(description="The highest of 80, 90, 100 now reached.")]
    minutes_reset_date: datetime | None
    using_extra: bool


@router.post(
    "/track-minute",
    summary="Book one use",
    response_model=UseTold,
    responses=problems(402, 404, 409),
    openapi_extra=needs("usage:write"),
)
async def track_minute(asked: UseAsked, idempotency_key: KeyHeader = None) -> Response:
    """Book used minutes: plan minutes first, then extra minutes, oldest first.

    What is not there is recorded as `unmet_minutes`; with `require_full` such a use is refused instead.
    Send the same key again whenever no answer arrived: it is booked once.
    """
    use = {
        "workspace_id": asked.workspace_id,
        "minutes": asked.minutes,
        "key": the_key(idempotency_key, asked.key),
        "at": asked.at or present(),
        "duration_seconds": asked.duration_seconds,
    }
    booked = await (threads.run(_track_full, use) if asked.require_full else _coalescer().submit(use))
    if isinstance(booked, ledger.Refused):
        raise of_code(booked.code, booked.detail)
    return _json(_told(asked.workspace_id, booked))


@router.post(
    "/track-minutes",
    summary="Book many uses",
    response_model=UsesTold,
    responses=problems(),
    openapi_extra=needs("usage:write"),
)
async def track_minutes(asked: UsesAsked) -> Response:
    """Book up to 10,000 uses in one transaction, in list order, each with its own key.

    A use that cannot be booked has `{"problem": {...}}` as its result; the others are booked all the same.
    """
    now = present()
    return _json({"results": await threads.run(_track_all, asked.uses, now)})


@router.get(
    "/check-limit",
    summary="Would a use be covered?",
    responses=problems(404),
    openapi_extra=needs("usage:write"),
)
async def check_limit(workspace_id: WorkspaceId, minutes: Minutes = 1) -> LimitTold:
    """Say whether `minutes` would be covered now. Books no use; an allocation that is due is booked first."""
    return LimitTold.model_validate(await threads.run(_limit, workspace_id, minutes, present()))


def _limit(workspace_id: str, minutes: int, at: datetime) -> ledger.Limit:
    with reading() as db:
        limit = ledger.check_usage_limit(db, workspace_id, minutes)
    due = limit.minutes_reset_date
    if due is None or due > at:
        return limit

    def book_due(db: Connection) -> ledger.Limit:
        ledger.reset_monthly_minutes(db, workspace_id, key=f"due {due.isoformat()}", at=at)
        return ledger.check_usage_limit(db, workspace_id, minutes)

    return write(book_due)


def _track_full(use: Mapping[str, Any]) -> ledger.Use:
    """Book all or nothing. A refusal is booked too, so that a blocked customer is a limit hit either way."""

    def all_or_nothing(db: Connection) -> ledger.Use:
        return ledger.track_minutes(db, **use, require_full=True)

    try:
        return write(all_or_nothing)
    except InsufficientMinutes:
        try:
            write(lambda db: book_refusal(db, **use))
        except (
            KeyReused
        ):  # the same call, elsewhere, found minutes in the meantime: its answer is the first one
            return write(all_or_nothing)
        raise


def _track_all(items: list[Any], now: datetime) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = [{}] * len(items)
    uses: list[dict[str, Any]] = []
    places: list[int] = []
    for place, item in enumerate(items):
        try:
            asked = _ITEM.validate_python(item)
        except ValidationError as error:
            results[place] = {"problem": describe("invalid_request", sentence(error.errors()))}
            continue
        uses.append({**asked.__dict__, "at": asked.at or now})
        places.append(place)
    for place, use, booked in zip(places, uses, _book(uses), strict=True):
        if isinstance(booked, ledger.Refused):
            results[place] = {"problem": of_code(booked.code, booked.detail).body()}
        else:
            results[place] = _told(use["workspace_id"], booked)
    return results


def _book(uses: list[dict[str, Any]]) -> list[ledger.Use | ledger.Refused]:
    if len(uses) > 1:
        return write(lambda db: ledger.track_uses(db, uses))
    return [_book_alone(use) for use in uses]


def _book_alone(use: dict[str, Any]) -> ledger.Use | ledger.Refused:
    """Book one use by the shorter way; the answer is the same."""
    try:
        return write(lambda db: ledger.track_minutes(db, **use))
    except LedgerError as error:
        return ledger.Refused(code=error.code, detail=str(error))


async def _book_together(uses: list[dict[str, Any]]) -> list[ledger.Use | ledger.Refused]:
    return await threads.run(_book, uses)


_ITEM = TypeAdapter(UseInBatch)
_coalescers: WeakKeyDictionary[asyncio.AbstractEventLoop, Coalescer[Any, Any]] = WeakKeyDictionary()


def _coalescer() -> Coalescer[dict[str, Any], ledger.Use | ledger.Refused]:
    loop = asyncio.get_running_loop()
    if loop not in _coalescers:
        _coalescers[loop] = Coalescer(_book_together)
    return _coalescers[loop]


def _told(workspace_id: str, use: ledger.Use) -> dict[str, Any]:
    return {
        "workspace_id": workspace_id,
        "minutes": use.minutes,
        "from_plan": use.from_plan,
        "from_extra": use.from_extra,
        "unmet_minutes": use.unmet_minutes,
        "plan_minutes": use.plan_minutes,
        "extra_minutes": use.extra_minutes,
        "total_minutes": use.total_minutes,
        "percent_used": use.percent_used,
        "thresholds": use.thresholds,
        "warning": max(use.thresholds, default=None),
        "allowed": use.unmet_minutes == 0,
        "repeated": use.repeated,
    }


def _json(content: object) -> Response:
    return Response(to_json(content), media_type="application/json")
