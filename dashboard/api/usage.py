"""Intake of used minutes, one at a time or in batches, and the check whether a use would be covered."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from operator import itemgetter
from typing import Any
from weakref import WeakKeyDictionary, WeakValueDictionary

from fastapi import APIRouter
from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json
from sqlalchemy import Connection
from starlette.responses import Response

import ledger
from dashboard.api.auth import GuardedRoute
from dashboard.api.booking import Booked, book, book_free, book_locked, limit_wait
from dashboard.api.business_times import require_after_creation
from dashboard.api.coalesce import Coalescer
from dashboard.api.fields import KeyHeader, Minutes, WorkspaceId, the_key
from dashboard.api.responses import reads, writes
from dashboard.api.usage_schemas import (
    BatchedUseRequest,
    LimitResponse,
    TrackMinuteRequest,
    TrackMinutesRequest,
    TrackMinutesResponse,
    UseResponse,
)
from dashboard.clock import present
from dashboard.installation import reading, write
from dashboard.server.problems import invalid, of_code
from dashboard.server.threads import threads
from ledger.errors import InsufficientMinutes
from ledger.minutes import track_full_or_refuse

router = APIRouter(prefix="/api/usage", tags=["usage"], route_class=GuardedRoute)


@router.post(
    "/track-minute",
    summary="Book one use",
    response_model=UseResponse,
    **writes(
        "usage:write",
        "insufficient_minutes",
        "unknown_workspace",
        "key_reused",
        "invalid_time",
    ),
)
async def track_minute(body: TrackMinuteRequest, idempotency_key: KeyHeader = None) -> Response:
    """Book used minutes: plan minutes first, then extra minutes, oldest first.

    Missing minutes are recorded as `unmet_minutes`, and `allowed` is false; with `require_full`, such a use is refused
    instead. Retry with the same key when no response arrived: it is booked once.
    """
    use = {
        "workspace_id": body.workspace_id,
        "minutes": body.minutes,
        "key": the_key(idempotency_key, body.key),
        "at": body.at or present(),
        "duration_seconds": body.duration_seconds,
        "at_is_explicit": body.at is not None,
    }
    booked = await (_book_full(use) if body.require_full else _coalescer().submit(use))
    if isinstance(booked, ledger.Refused):
        raise of_code(booked.code, booked.detail)
    return _json(_use(body.workspace_id, booked))


@router.post(
    "/track-minutes",
    summary="Book many uses",
    response_model=TrackMinutesResponse,
    **writes("usage:write"),
)
async def track_minutes(body: TrackMinutesRequest) -> Response:
    """Book up to 10,000 uses, those of each workspace in list order, each with its own key.

    A use that cannot be booked has `{"problem": {...}}` as its result; the others are still booked. Where
    another transaction holds a workspace, its uses are refused as `busy`: retry them.
    """
    now = present()
    return _json({"results": await threads.run(_track_all, body.uses, now)})


@router.get(
    "/check-limit",
    summary="Check whether a use would be covered",
    **reads("usage:write", "unknown_workspace", or_scope="balance:read"),
)
async def check_limit(workspace_id: WorkspaceId, minutes: Minutes = 1) -> LimitResponse:
    """Return whether `minutes` would be covered now, including monthly minutes that are due. Books nothing."""
    return LimitResponse.model_validate(await threads.run(_limit, workspace_id, minutes, present()))


def _limit(workspace_id: str, minutes: int, at: datetime) -> ledger.Limit:
    with reading() as db:
        return ledger.check_usage_limit(db, workspace_id, minutes, at=at)


async def _book_full(use: dict[str, Any]) -> ledger.Use:
    """Book all or nothing, one at a time for each workspace, so that a locked one holds one thread."""
    lock = _full_locks.setdefault((asyncio.get_running_loop(), use["workspace_id"]), asyncio.Lock())
    async with lock:
        return await threads.run(_track_full, use)


def _track_full(use: Mapping[str, Any]) -> ledger.Use:
    """Book all or nothing. A refusal is booked too, so that a blocked customer is a limit hit either way."""

    def all_or_nothing(db: Connection) -> ledger.Use:
        limit_wait(db)
        return ledger.track_minutes(db, **use, require_full=True)

    def all_or_refusal(db: Connection) -> ledger.Use:
        limit_wait(db)
        return track_full_or_refuse(db, **use)

    require_after_creation(use["workspace_id"], use["at"] if use["at_is_explicit"] else None)
    try:
        return write(all_or_nothing, at=use["at"])
    except InsufficientMinutes:
        booked = write(all_or_refusal, at=use["at"])
    if booked.unmet_minutes == 0:  # minutes arrived meanwhile
        return booked
    requested, available = use["minutes"], booked.total_minutes
    detail = f"There are not enough minutes: {requested:,} requested, {available:,} available."
    raise of_code("insufficient_minutes", detail, asked_minutes=requested, available_minutes=available)


def _track_all(items: list[Any], now: datetime) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = [{}] * len(items)
    uses: list[dict[str, Any]] = []
    places: list[int] = []
    for place, item in enumerate(items):
        try:
            use = _ITEM.validate_python(item)
        except ValidationError as error:
            results[place] = {"problem": invalid(error.errors()).body()}
            continue
        uses.append({**use.__dict__, "at": use.at or now, "at_is_explicit": use.at is not None})
        places.append(place)
    for place, wanted, booked in zip(places, uses, book(uses), strict=True):
        if isinstance(booked, ledger.Refused):
            results[place] = {"problem": of_code(booked.code, booked.detail).body()}
        else:
            results[place] = _use(wanted["workspace_id"], booked)
    return results


_ITEM = TypeAdapter(BatchedUseRequest)
_full_locks: WeakValueDictionary[tuple[asyncio.AbstractEventLoop, str], asyncio.Lock] = WeakValueDictionary()
_coalescers: WeakKeyDictionary[asyncio.AbstractEventLoop, Coalescer[Any, Any]] = WeakKeyDictionary()


def _coalescer() -> Coalescer[dict[str, Any], Booked]:
    loop = asyncio.get_running_loop()
    if loop not in _coalescers:
        _coalescers[loop] = Coalescer(
            _book_together, book_lane=_book_one_workspace, kind=itemgetter("workspace_id")
        )
    return _coalescers[loop]


async def _book_together(uses: list[dict[str, Any]]) -> list[Booked | None]:
    return await threads.run(book_free, uses)


async def _book_one_workspace(uses: list[dict[str, Any]]) -> list[Booked]:
    return await threads.run(book_locked, uses)


def _use(workspace_id: str, use: ledger.Use) -> dict[str, Any]:
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
