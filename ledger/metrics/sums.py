"""Sums over a period: whole days from the rollups, the odd hours at its ends from the rows themselves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from ledger.answers import ask
from ledger.database import query
from ledger.metrics.distinct_workspaces import distinct_workspaces
from ledger.metrics.registry import METRICS, Metric, rolled_as
from ledger.metrics.rows import (
    INSTANT,
    LATEST,
    Selection,
    Total,
    about_days,
    about_rows,
    as_total,
)
from ledger.metrics.terms import Term, add_up, pending
from ledger.metrics.whole_days import EARLIEST, day_from, day_until, midnight, part_of

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
        return midnight(at.astimezone(zone).date(), zone)

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
    return add_up(db, terms_of(metric, chosen, state, by))


def terms_of(metric: Metric, chosen: Selection, state: State, by: str | None = None) -> list[Term]:
    """Return what adds up to `matured_and_pending`, before anything is read."""
    if metric.estimate in NO_SUMS:
        return []
    if not state.serves(metric, chosen) or (metric.once and _begins_within_a_day(chosen)):
        return [Term(about_rows("metric_totals", metric, chosen, {"by": by}), as_total)]
    if metric.matures is None:
        return _whole(metric, chosen, by)
    ripe_to = min(chosen.end, chosen.as_of - timedelta(days=chosen.window_days or metric.matures) + INSTANT)
    matured = _whole(metric, chosen.within(chosen.start, ripe_to), by)
    if ripe_to >= chosen.end:
        return matured
    # The young are the others: so no day is cut into two halves whose rows would both be counted.
    everybody = _whole(metric, chosen, by, cut=day_until(ripe_to, ZoneInfo(chosen.timezone)))
    return [*matured, *pending(everybody, 1), *pending(matured, -1)]


def _whole(metric: Metric, chosen: Selection, by: str | None, *, cut: date | None = None) -> list[Term]:
    """Return sums over [start, end), taken as matured. `cut`: a day up to which another sum is the same."""
    return _workspaces(metric, chosen, by, cut) if metric.once else terms_summed(metric, chosen, by)


def _begins_within_a_day(chosen: Selection) -> bool:
    zone = ZoneInfo(chosen.timezone)
    return chosen.start > EARLIEST and midnight(chosen.start.astimezone(zone).date(), zone) != chosen.start


def _workspaces(metric: Metric, chosen: Selection, by: str | None, cut: date | None) -> list[Term]:
    """Return sums over [start, end) in which a workspace counts once; `start` is a midnight or the beginning."""
    if chosen.start >= chosen.end:
        return []
    zone = ZoneInfo(chosen.timezone)
    first, last = day_from(chosen.start, zone), day_until(chosen.end, zone)
    open_end = chosen.end > chosen.as_of
    broken = chosen.within(chosen.end if open_end else max(chosen.start, midnight(last, zone)), chosen.end)
    days = (first, None if open_end else last)
    return distinct_workspaces(metric, replace(broken, matured_by=LATEST), days, by=by, cut=cut)


def summed(db: Connection, metric: Metric, chosen: Selection, by: str | None) -> list[Total]:
    """Sums over [start, end) by part: days from the rollups, broken days from the rows, all taken as matured."""
    return add_up(db, terms_summed(metric, chosen, by))


def terms_summed(metric: Metric, chosen: Selection, by: str | None) -> list[Term]:
    """Return what adds up to `summed`, before anything is read."""
    if chosen.start >= chosen.end:
        return []
    zone = ZoneInfo(chosen.timezone)
    first, last = day_from(chosen.start, zone), day_until(chosen.end, zone)
    everything = replace(chosen, matured_by=LATEST)
    of_rows = METRICS[metric.rollup or metric.slug] if metric.accumulates else metric

    def of_hours(start: datetime, end: datetime) -> Term:
        """Hours of one day lie in one part, so they are the same rows for every division by time."""
        hours, day = everything.within(start, end), start.astimezone(zone).date()
        begins = part_of(day, by) if (end - INSTANT).astimezone(zone).date() == day else None
        if begins is None:
            return Term(about_rows("metric_totals", of_rows, hours, {"by": by}), as_total)
        part = begins.isoformat()
        return Term(
            about_rows("metric_totals", of_rows, hours, {"by": None}),
            lambda row: replace(as_total(row), part=part),
        )

    # Nothing in the rollups lies after as_of, so a period that reaches beyond it has no broken last day.
    open_end = chosen.end > chosen.as_of
    if first is not None and not open_end and last <= first:
        return [of_hours(chosen.start, chosen.end)]
    results = [Term(about_days(metric, chosen, first, None if open_end else last, by=by), as_total)]
    if first is not None and midnight(first, zone) > chosen.start:
        results.append(of_hours(chosen.start, min(midnight(first, zone), chosen.end)))
    if not open_end and midnight(last, zone) < chosen.end:
        results.append(of_hours(midnight(last, zone), chosen.end))
    return results
