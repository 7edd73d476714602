"""Uses of minutes: one per round trip, or a batch in a fixed number of statements."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ledger.database import query
from ledger.errors import (
    InsufficientMinutes,
    InvalidText,
    KeyReused,
    LedgerError,
    UnknownWorkspace,
    error_for,
)
from ledger.minutes.balances import percent_used
from ledger.validation import (
    is_valid_text,
    require_business_time,
    require_duration,
    require_key,
    require_minutes,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection


FIELDS = {"workspace_id", "minutes", "key", "at", "duration_seconds", "at_is_explicit"}


@dataclass(frozen=True, kw_only=True)
class Use:
    """What one use drew and left; `thresholds`: those it crossed (80, 90, 100); `repeated`: a repeat's first result."""

    workspace_id: str
    entry_no: int
    minutes: int
    from_plan: int
    from_extra: int
    unmet_minutes: int
    plan_minutes: int
    extra_minutes: int
    total_minutes: int
    percent_used: float | None
    thresholds: tuple[int, ...]
    repeated: bool


@dataclass(frozen=True, kw_only=True)
class Refused:
    """One use of a batch that was not booked, and why."""

    code: str
    detail: str


def track_minutes(
    db: Connection,
    workspace_id: str,
    minutes: int = 1,
    *,
    key: str,
    at: datetime,
    duration_seconds: int | None = None,
    require_full: bool = False,
    at_is_explicit: bool = False,
) -> Use:
    """Use minutes: plan minutes first, then extra minutes, oldest first. Missing minutes are recorded as unmet.

    `require_full`: all or nothing. `at` may be in the past, even before the workspace was created: it is booked now and
    balances as of any time add up (the HTTP API refuses such a time). `duration_seconds`: raw length, stored.
    `at_is_explicit`: a repeat of the key with another `at` is another request, as where the caller chose it.
    Raises UnknownWorkspace, InsufficientMinutes, KeyReused, InvalidMinutes, InvalidKey, InvalidTime, InvalidDuration.
    """
    return _record(
        db,
        workspace_id,
        minutes,
        key=key,
        at=at,
        duration_seconds=duration_seconds,
        overage_policy="full" if require_full else "partial",
        at_is_explicit=at_is_explicit,
    )


def book_refusal(
    db: Connection,
    workspace_id: str,
    minutes: int,
    *,
    key: str,
    at: datetime,
    duration_seconds: int | None = None,
    at_is_explicit: bool = False,
) -> Use:
    """Book a refused all-or-nothing use: nothing drawn, all unmet, a limit hit. Raises as track_minutes."""
    return _record(
        db,
        workspace_id,
        minutes,
        key=key,
        at=at,
        duration_seconds=duration_seconds,
        overage_policy="refused",
        at_is_explicit=at_is_explicit,
    )


def track_full_or_refuse(db: Connection, workspace_id: str, minutes: int, *, key: str, **about: Any) -> Use:
    """Book all or nothing; where that is too much, book the refusal, which leaves all minutes unmet.

    Under the lock of the workspace: no credit arrives between the look and the refusal. Raises as track_minutes.
    """
    db.execute(query("lock_workspace"), {"workspace_id": _storable_id(workspace_id)})
    try:
        with db.begin_nested():
            return track_minutes(db, workspace_id, minutes, key=key, require_full=True, **about)
    except InsufficientMinutes:
        return book_refusal(db, workspace_id, minutes, key=key, **about)


def _record(
    db: Connection,
    workspace_id: str,
    minutes: int,
    *,
    key: str,
    at: datetime,
    duration_seconds: int | None,
    overage_policy: str,
    at_is_explicit: bool,
) -> Use:
    row = db.execute(
        query("record_use"),
        {
            "workspace_id": _storable_id(workspace_id),
            "minutes": require_minutes(minutes),
            "key": require_key(key),
            "at": require_business_time(at),
            "duration_seconds": require_duration(duration_seconds),
            "overage_policy": overage_policy,
        },
    ).one()
    if row.refusal:
        raise _refusal(row.refusal, workspace_id, key, minutes)
    if at_is_explicit and row.at != at:
        raise KeyReused(key)
    return _use(row, repeated=row.repeated)


def _refusal(sqlstate: str, workspace_id: str, key: str, minutes: int) -> LedgerError:
    about = {"LG404": workspace_id, "LG500": workspace_id, "LG409": key}.get(
        sqlstate, f"{minutes} requested."
    )
    return error_for(sqlstate, about) or LedgerError(sqlstate)


def _storable_id(workspace_id: str) -> str:
    if type(workspace_id) is not str or not is_valid_text(workspace_id):
        raise UnknownWorkspace(repr(workspace_id)[:80])
    return workspace_id


def _use(row: Sequence[Any], *, repeated: bool) -> Use:
    # Both queries begin with these columns. They are read by place, because names would dominate the cost of a batch.
    (
        workspace_id,
        entry_no,
        minutes,
        plan_delta,
        extra_delta,
        unmet_minutes,
        plan_minutes,
        extra_minutes,
        gauge_base,
        thresholds,
    ) = row[:10]
    total = plan_minutes + extra_minutes
    return Use(
        workspace_id=workspace_id,
        entry_no=entry_no,
        minutes=minutes,
        from_plan=-plan_delta,
        from_extra=-extra_delta,
        unmet_minutes=unmet_minutes,
        plan_minutes=plan_minutes,
        extra_minutes=extra_minutes,
        total_minutes=total,
        percent_used=percent_used(gauge_base, total),
        thresholds=tuple(thresholds or ()),
        repeated=repeated,
    )


def track_uses(db: Connection, uses: Sequence[Mapping[str, Any]]) -> list[Use | Refused]:
    """Book many uses in list order, with the same results as one `track_minutes` for each.

    Each use: workspace_id, minutes (default 1), key, at, duration_seconds and at_is_explicit (optional). A bad use is
    Refused in its place and does not stop the others. The number of statements does not depend on the number of uses.
    """
    results: list[Use | Refused | None] = [None] * len(uses)
    staged: list[tuple[int, tuple[Any, ...]]] = []
    for position, use in enumerate(uses):
        try:
            staged.append((position, _checked(use)))
        except LedgerError as refusal:
            results[position] = Refused(code=refusal.code, detail=str(refusal))
    booked = _record_batch(db, [checked for _, checked in staged])
    answered: set[tuple[str, str]] = set()
    for position, checked in staged:
        results[position] = _answer(checked, booked, answered)
    return [result for result in results if result is not None]


def _checked(use: Mapping[str, Any]) -> tuple[Any, ...]:
    if not use.keys() <= FIELDS or "workspace_id" not in use:
        raise InvalidText(f"fields of a use: {sorted(use.keys() ^ FIELDS)}"[:80])
    return (
        _storable_id(use["workspace_id"]),
        require_minutes(use.get("minutes", 1)),
        require_key(use.get("key", "")),
        require_business_time(use.get("at")),
        require_duration(use.get("duration_seconds")),
        bool(use.get("at_is_explicit", False)),
    )


def _record_batch(db: Connection, staged: list[tuple[Any, ...]]) -> dict[tuple[str, str], Sequence[Any]]:
    if not staged:
        return {}
    workspace_ids, minutes, keys, ats, durations, _ = (list(column) for column in zip(*staged, strict=True))
    rows = db.execute(
        query("record_uses"),
        {
            "batch": secrets.randbits(62),
            "workspace_ids": workspace_ids,
            "minutes": minutes,
            "keys": keys,
            "ats": ats,
            "durations": durations,
        },
    ).all()
    return {(row.workspace_id, row.key): row for row in rows}


def _answer(
    use: tuple[Any, ...], booked: Mapping[tuple[str, str], Sequence[Any]], answered: set[tuple[str, str]]
) -> Use | Refused:
    workspace_id, minutes, key, at, duration_seconds, at_is_explicit = use
    row = booked.get((workspace_id, key))
    if row is None:
        return Refused(code=UnknownWorkspace.code, detail=str(UnknownWorkspace(workspace_id)))
    booked_minutes, (_, booked_seconds, overage_policy, repeated, booked_at, refusal) = row[2], row[10:]
    if refusal is not None:
        error = _refusal(refusal, workspace_id, key, minutes)
        return Refused(code=error.code, detail=str(error))
    other_body = (
        booked_minutes != minutes or booked_seconds != duration_seconds or overage_policy != "partial"
    )
    if other_body or (at_is_explicit and booked_at != at):
        return Refused(code=KeyReused.code, detail=str(KeyReused(key)))
    repeated = repeated or (workspace_id, key) in answered
    answered.add((workspace_id, key))
    return _use(row, repeated=repeated)
