"""Balances of a workspace, now and as of any time, with lots, statement and draws."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ledger.database import query
from ledger.errors import UnknownEntry, UnknownWorkspace
from ledger.validation import require_aware, require_minutes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import Connection


@dataclass(frozen=True, kw_only=True)
class Lot:
    """One credit of minutes: `minutes` = drawn + voided + remaining."""

    lot_id: int
    kind: str
    minutes: int
    drawn: int
    voided: int
    remaining: int
    acquired_at: datetime
    entry_no: int
    period_start: datetime | None
    purchase_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One numbered change of a workspace: signed deltas, both pools after it, business time and booking time.

    `lot_id`: the one lot it moved; None where a use emptied a lot or drew nothing. `explain_entry` lists every lot.
    """

    entry_no: int
    kind: str
    plan_delta: int
    extra_delta: int
    plan_minutes: int
    extra_minutes: int
    minutes: int
    unmet_minutes: int
    at: datetime
    recorded_at: datetime
    actor: str
    reason: str | None
    reference: str | None
    key: str
    lot_id: int | None
    duration_seconds: int | None
    overage_policy: str | None
    thresholds: tuple[int, ...]
    epoch: int
    gauge_base: int


@dataclass(frozen=True, kw_only=True)
class Draw:
    """Minutes that one entry moved in one lot: drawn by a use; signed for any other entry."""

    lot_id: int
    kind: str
    minutes: int
    acquired_at: datetime
    purchase_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class Balance:
    """Minutes of a workspace at one moment; `lots`, in the order of use, add up to `total_minutes`.

    `minutes_total` is the current plan allocation, `minutes_used` all minutes ever consumed. `drawn_later`: as of a
    business time, minutes used by then that only later credits covered; unmet then, so no part of the balance.
    """

    workspace_id: str
    plan_minutes: int
    extra_minutes: int
    total_minutes: int
    minutes_total: int
    minutes_used: int
    minutes_reset_date: datetime | None
    percent_used: float | None
    gauge_base: int
    epoch: int
    entry_no: int
    plan: str | None
    billing_cycle: str | None
    drawn_later: int
    lots: tuple[Lot, ...]


@dataclass(frozen=True, kw_only=True)
class Limit:
    """Whether a use would be covered; `warning` is the highest threshold reached now: 80, 90 or 100."""

    allowed: bool
    plan_minutes: int
    extra_minutes: int
    total_minutes: int
    percent_used: float | None
    warning: int | None
    minutes_reset_date: datetime | None
    using_extra: bool


def percent_used(gauge_base: int, balance: int) -> float | None:
    """100 x (gauge_base - balance) / gauge_base, rounded down to one decimal; None while the gauge has no base."""
    return None if gauge_base == 0 else 1000 * (gauge_base - balance) // gauge_base / 10


def get_balance(
    db: Connection,
    workspace_id: str,
    *,
    at: datetime | None = None,
    booked_at: datetime | None = None,
    due_by: datetime | None = None,
) -> Balance:
    """Return the balance as booked, or as of a business time (`at`), a booking time (`booked_at`), or both.

    As of a booking time: the last entry booked by then. As of a business time: every entry with `at` up to then, late
    ones included, and the monthly periods due by then that are not booked yet. `due_by`: the balance now, with what is
    due at the caller's present time. None of them books anything or reads more as history grows.
    Raises UnknownWorkspace, InvalidTime.
    """
    at = require_aware(at) if at is not None else None
    booked_at = require_aware(booked_at) if booked_at is not None else None
    due_by = require_aware(due_by) if due_by is not None else None
    if at is None and booked_at is None:
        row = db.execute(query("balance_now"), {"workspace_id": workspace_id}).mappings().one_or_none()
    else:
        row = (
            db.execute(
                query("balance_as_of"), {"workspace_id": workspace_id, "at": at, "booked_at": booked_at}
            )
            .mappings()
            .one_or_none()
        )
    balance = _balance(db, workspace_id, row, at)
    return balance if booked_at is not None else _with_due(db, balance, at or due_by)


def _with_due(db: Connection, balance: Balance, by: datetime | None) -> Balance:
    """Return the balance with the periods due by a time, as it will be when they are booked."""
    if by is None or balance.minutes_reset_date is None or balance.minutes_reset_date > by:
        return balance
    known = {lot.lot_id: lot for lot in balance.lots}
    binds = {"workspace_id": balance.workspace_id, "at": by, "lot_ids": list(known)}
    lots, due, reset_date = [], [], None
    for row in db.execute(query("due_lots"), binds).mappings():
        fields = {name: value for name, value in row.items() if name not in ("next_due", "burn_order")}
        lots.append(known.get(row["lot_id"]) or Lot(**fields))
        if row["lot_id"] not in known:
            due.append(lots[-1])
            reset_date = max(reset_date or row["next_due"], row["next_due"])
    if not due:
        return balance
    total = sum(lot.remaining for lot in lots)
    return replace(
        balance,
        plan_minutes=total - balance.extra_minutes,
        total_minutes=total,
        minutes_total=due[-1].minutes,
        minutes_reset_date=reset_date,
        percent_used=percent_used(total, total),
        gauge_base=total,
        epoch=balance.epoch + len(due),
        lots=tuple(lots),
    )


def balance_after(db: Connection, workspace_id: str, entry_no: int) -> Balance:
    """Return the balance right after an entry of the statement (0: before the first)."""
    row = (
        db.execute(query("balance_after"), {"workspace_id": workspace_id, "entry_no": entry_no})
        .mappings()
        .one_or_none()
    )
    return _balance(db, workspace_id, row, None)


def _balance(
    db: Connection, workspace_id: str, row: Mapping[Any, Any] | None, at: datetime | None
) -> Balance:
    if row is None:
        raise UnknownWorkspace(workspace_id)
    if row["current"]:
        lots = list_lots(db, workspace_id, open_only=True)
    else:
        lots = _lots(
            db,
            "lots_as_of",
            {
                "workspace_id": workspace_id,
                "entry_no": row["entry_no"],
                "booked_no": row["booked_no"],
                "at": at,
            },
        )
    plan = sum(lot.remaining for lot in lots if lot.kind == "plan")
    total = sum(lot.remaining for lot in lots)
    return Balance(
        workspace_id=workspace_id,
        plan_minutes=plan,
        extra_minutes=total - plan,
        total_minutes=total,
        minutes_total=row["minutes_total"],
        minutes_used=row["minutes_used"],
        minutes_reset_date=row["minutes_reset_date"],
        percent_used=percent_used(row["gauge_base"], total),
        gauge_base=row["gauge_base"],
        epoch=row["epoch"],
        entry_no=row["entry_no"],
        plan=row["plan"],
        billing_cycle=row["billing_cycle"],
        drawn_later=total - row["plan_minutes"] - row["extra_minutes"],
        lots=tuple(lots),
    )


def check_usage_limit(
    db: Connection, workspace_id: str, minutes: int = 1, *, at: datetime | None = None
) -> Limit:
    """Return whether a use of `minutes` would be covered at `at`; None: now, by the clock of the database.

    Counts what is due by then and books nothing. Raises UnknownWorkspace, InvalidMinutes, InvalidTime.
    """
    binds = {
        "workspace_id": workspace_id,
        "minutes": require_minutes(minutes),
        "at": require_aware(at) if at is not None else None,
    }
    row = db.execute(query("check_usage_limit"), binds).mappings().one_or_none()
    if row is None:
        raise UnknownWorkspace(workspace_id)
    used = row["percent_used"]
    return Limit(**{**row, "percent_used": None if used is None else float(used)})


def list_lots(db: Connection, workspace_id: str, *, open_only: bool = False) -> list[Lot]:
    """Return all lots of a workspace, or those with minutes left, in the order of use."""
    return _lots(db, "lots", {"workspace_id": workspace_id, "open_only": open_only})


def get_lot(db: Connection, workspace_id: str, lot_id: int) -> Lot | None:
    """Return one lot, or None."""
    rows = _lots(db, "lot", {"workspace_id": workspace_id, "lot_id": lot_id})
    return rows[0] if rows else None


def _lots(db: Connection, name: str, binds: Mapping[str, Any]) -> list[Lot]:
    return [Lot(**row) for row in db.execute(query(name), binds).mappings()]


def list_entries(
    db: Connection,
    workspace_id: str,
    *,
    before: int | None = None,
    limit: int = 100,
    kind: str | None = None,
    key: str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
) -> list[Entry]:
    """Return the statement, newest first; `before`: lower numbers only. `start` and `end`: business times."""
    chosen = {"kind": kind, "key": key, "start": start, "end": end}
    page = {"workspace_id": workspace_id, "before": before, "limit": limit, **chosen}
    return [_entry(row) for row in db.execute(query("entries"), page).mappings()]


def get_entry(db: Connection, workspace_id: str, entry_no: int) -> Entry:
    """Return one entry of the statement. Raises UnknownEntry."""
    rows = list_entries(db, workspace_id, before=entry_no + 1, limit=1)
    if not rows or rows[0].entry_no != entry_no:
        raise UnknownEntry(str(entry_no))
    return rows[0]


def _entry(row: Mapping[Any, Any]) -> Entry:
    return Entry(**{**row, "thresholds": tuple(row["thresholds"] or ())})


def explain_entry(db: Connection, workspace_id: str, entry_no: int) -> list[Draw]:
    """Return the lots that an entry moved and their minutes, in the order of use; empty for a use without draws."""
    get_entry(db, workspace_id, entry_no)
    rows = db.execute(query("explain_entry"), {"workspace_id": workspace_id, "entry_no": entry_no})
    return [Draw(**row) for row in rows.mappings()]
