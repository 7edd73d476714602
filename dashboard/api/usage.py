"""Intake of used minutes, one at a time or in batches, and the check whether a use would be covered."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from fastapi import APIRouter
from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json
from sqlalchemy import Connection
from starlette.responses import Response

import ledger
from dashboard.api.auth import GuardedRoute
from dashboard.api.business_times import before_creation, require_after_creation
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
from ledger.errors import InsufficientMinutes, KeyReused, LedgerError
from ledger.minutes import book_refusal

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

    What is not there is recorded as `unmet_minutes`, and `allowed` is false; with `require_full` such a use is refused
    instead. Send the same key again whenever no answer arrived: it is booked once.
    """
    use = {
        "workspace_id": body.workspace_id,
        "minutes": body.minutes,
        "key": the_key(idempotency_key, body.key),
        "at": body.at or present(),
        "duration_seconds": body.duration_seconds,
        "at_is_explicit": body.at is not None,
    }
    booked = await (threads.run(_track_full, use) if body.require_full else _coalescer().submit(use))
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
    """Book up to 10,000 uses in one transaction, in list order, each with its own key.

    A use that cannot be booked has `{"problem": {...}}` as its result; the others are booked all the same.
    """
    now = present()
    return _json({"results": await threads.run(_track_all, body.uses, now)})


@router.get(
    "/check-limit",
    summary="Check whether a use would be covered",
    **reads("usage:write", "unknown_workspace", or_scope="balance:read"),
)
async def check_limit(workspace_id: WorkspaceId, minutes: Minutes = 1) -> LimitResponse:
    """Return whether `minutes` would be covered now, with the monthly minutes that are due. Books nothing."""
    return LimitResponse.model_validate(await threads.run(_limit, workspace_id, minutes, present()))


def _limit(workspace_id: str, minutes: int, at: datetime) -> ledger.Limit:
    with reading() as db:
        return ledger.check_usage_limit(db, workspace_id, minutes, at=at)


def _track_full(use: Mapping[str, Any]) -> ledger.Use:
    """Book all or nothing. A refusal is booked too, so that a blocked customer is a limit hit either way."""

    def all_or_nothing(db: Connection) -> ledger.Use:
        return ledger.track_minutes(db, **use, require_full=True)

    require_after_creation(use["workspace_id"], use["at"] if use["at_is_explicit"] else None)
    try:
        return write(all_or_nothing)
    except InsufficientMinutes:
        try:
            refused = write(lambda db: book_refusal(db, **use))
        except KeyReused:  # the same call, elsewhere, found minutes meanwhile: its answer is the first one
            return write(all_or_nothing)
        asked, available = use["minutes"], refused.total_minutes
        detail = f"There are not enough minutes: {asked:,} requested, {available:,} available."
        raise of_code(
            "insufficient_minutes", detail, asked_minutes=asked, available_minutes=available
        ) from None


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
    for place, wanted, booked in zip(places, uses, _book(uses), strict=True):
        if isinstance(booked, ledger.Refused):
            results[place] = {"problem": of_code(booked.code, booked.detail).body()}
        else:
            results[place] = _use(wanted["workspace_id"], booked)
    return results


def _book(uses: list[dict[str, Any]]) -> list[ledger.Use | ledger.Refused]:
    early = before_creation(uses)
    rest = [use for place, use in enumerate(uses) if place not in early]
    booked = iter(
        write(lambda db: ledger.track_uses(db, rest)) if len(rest) > 1 else [_book_alone(use) for use in rest]
    )
    return [_refused(early[place]) if place in early else next(booked) for place in range(len(uses))]


def _book_alone(use: dict[str, Any]) -> ledger.Use | ledger.Refused:
    """Book one use by the shorter way; the answer is the same."""
    try:
        return write(lambda db: ledger.track_minutes(db, **use))
    except LedgerError as error:
        return _refused(error)


def _refused(error: LedgerError) -> ledger.Refused:
    return ledger.Refused(code=error.code, detail=str(error))


async def _book_together(uses: list[dict[str, Any]]) -> list[ledger.Use | ledger.Refused]:
    return await threads.run(_book, uses)


_ITEM = TypeAdapter(BatchedUseRequest)
_coalescers: WeakKeyDictionary[asyncio.AbstractEventLoop, Coalescer[Any, Any]] = WeakKeyDictionary()


def _coalescer() -> Coalescer[dict[str, Any], ledger.Use | ledger.Refused]:
    loop = asyncio.get_running_loop()
    if loop not in _coalescers:
        _coalescers[loop] = Coalescer(_book_together)
    return _coalescers[loop]


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
