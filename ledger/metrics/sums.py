"""Sums over a period: whole days from the rollups, the odd hours at its ends from the rows themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from ledger.database import ask, query
from ledger.metrics.distinct_workspaces import distinct_workspaces
from ledger.metrics.registry import METRICS, Metric, rolled_as
from ledger.metrics.rows import (
    EARLIEST,
    INSTANT,
    LATEST,
    Selection,
    Total,
    rolled_totals,
    totals,
)

NO_SUMS = ("incidence", "time-to-half", "median", "slow-mean", "slow-median", "evidence")


@dataclass(frozen=True)
class State:
    """How far the rollups reach, and in which time zone their days are. Without rollups `data_to` is None."""

    timezone: str
    data_to: datetime | None

    def reach(self, as_of: datetime) -> datetime:
        """The latest time, up to `as_of`, of which everything is known."""
        return as_of if self.data_to is None else min(as_of, self.data_to)

    def midnight(self, at: datetime) -> datetime:
        """The beginning of the day of `at` in the report time zone."""
        zone = ZoneInfo(self.timezone)
        return _midnight(at.astimezone(zone).date(), zone)

    def serves(self, metric: Metric, chosen: Selection) -> bool:
        """Whether the day-level sums answer this: they hold the metric's own window, as of their end only."""
        return (
            self.data_to is not None
            and rolled_as(metric, chosen.window_days) is not None
            and chosen.as_of >= self.data_to
        )


def rollup_state(db: Connection) -> State:
    """How far the rollups reach."""
    row = ask(db, query("rollup_state"), {})[0]
    return State(row.report_timezone, row.data_to)


def matured_and_pending(
    db: Connection, metric: Metric, chosen: Selection, state: State, by: str | None = None
) -> list[Total]:
    """Sums of what counts, and the number of what is too young to count, one for each part."""
    if metric.estimate in NO_SUMS:
        return []
    if not state.serves(metric, chosen):
        return totals(db, metric, chosen, by)
    if metric.once:
        return _workspaces_matured_and_pending(db, metric, chosen, by)

    if metric.matures is None:
        return summed(db, metric, chosen, by)
    ripe_to = min(chosen.end, chosen.as_of - timedelta(days=chosen.window_days or metric.matures) + INSTANT)
    matured = summed(db, metric, chosen.within(chosen.start, ripe_to), by)
    if ripe_to >= chosen.end:
        return matured
    # The young are the others: so no day is cut into two halves whose rows would both be counted.
    others = [Total(t.part, Decimal(0), 0, 0, -t.n) for t in matured]
    whole = [Total(t.part, Decimal(0), 0, 0, t.n) for t in summed(db, metric, chosen, by)]
    return _merge([*matured, *whole, *others])


def _workspaces_matured_and_pending(
    db: Connection, metric: Metric, chosen: Selection, by: str | None
) -> list[Total]:
    """Return the same of a metric in which a workspace counts once: pending are those with young rows only."""
    window = chosen.window_days or metric.matures or 0
    ripe_to = min(chosen.end, chosen.as_of - timedelta(days=window) + INSTANT)
    zone = ZoneInfo(chosen.timezone)
    if chosen.start > EARLIEST and _midnight(chosen.start.astimezone(zone).date(), zone) != chosen.start:
        return totals(db, metric, chosen, by)
    matured = _workspaces(db, metric, chosen.within(chosen.start, ripe_to), by)
    if ripe_to >= chosen.end:
        return matured
    everybody = _workspaces(db, metric, chosen, by)
    return _merge(
        [
            *matured,
            *(Total(t.part, Decimal(0), 0, 0, t.n) for t in everybody),
            *(Total(t.part, Decimal(0), 0, 0, -t.n) for t in matured),
        ]
    )


def _workspaces(db: Connection, metric: Metric, chosen: Selection, by: str | None) -> list[Total]:
    """Return sums over [start, end), taken as matured; `start` is a midnight or the beginning."""
    if chosen.start >= chosen.end:
        return []
    zone = ZoneInfo(chosen.timezone)
    first, last = _day_from(chosen.start, zone), _day_until(chosen.end, zone)
    open_end = chosen.end > chosen.as_of
    broken = chosen.within(chosen.end if open_end else max(chosen.start, _midnight(last, zone)), chosen.end)
    days = (first, None if open_end else last)
    return _merge(distinct_workspaces(db, metric, replace(broken, matured_by=LATEST), days, by=by))


def summed(db: Connection, metric: Metric, chosen: Selection, by: str | None) -> list[Total]:
    """Sums over [start, end) by part: days from the rollups, broken days from the rows, all taken as matured."""
    if chosen.start >= chosen.end:
        return []
    zone = ZoneInfo(chosen.timezone)
    first, last = _day_from(chosen.start, zone), _day_until(chosen.end, zone)
    everything = replace(chosen, matured_by=LATEST)
    of_rows = METRICS[metric.rollup or metric.slug] if metric.accumulates else metric
    # Nothing in the rollups lies after as_of, so a period that reaches beyond it has no broken last day.
    open_end = chosen.end > chosen.as_of
    if first is not None and not open_end and last <= first:
        return totals(db, of_rows, everything, by)
    results = rolled_totals(db, metric, chosen, first, None if open_end else last, by=by)
    if first is not None and _midnight(first, zone) > chosen.start:
        results += totals(
            db, of_rows, everything.within(chosen.start, min(_midnight(first, zone), chosen.end)), by
        )
    if not open_end and _midnight(last, zone) < chosen.end:
        results += totals(db, of_rows, everything.within(_midnight(last, zone), chosen.end), by)
    return _merge(results)


def _merge(results: Sequence[Total]) -> list[Total]:
    merged: dict[str | None, Total] = {}
    for t in results:
        known = merged.get(t.part, Total(t.part, Decimal(0), 0, 0, 0))
        merged[t.part] = Total(
            t.part, known.value + t.value, known.weight + t.weight, known.n + t.n, known.pending + t.pending
        )
    return [merged[part] for part in sorted(merged, key=str)]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _day_from(start: datetime, zone: ZoneInfo) -> date | None:
    """The first whole day at or after `start`; None: from the beginning."""
    if start <= EARLIEST:
        return None
    day = start.astimezone(zone).date()
    return day if _midnight(day, zone) == start else day + timedelta(days=1)


def _day_until(end: datetime, zone: ZoneInfo) -> date:
    """The day that contains `end`, or begins there: whole days lie before it."""
    return end.astimezone(zone).date()
