"""Sums over a period: whole days from the rollups, partial days at its ends from the rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

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
from ledger.snapshot_cache import fetch

NO_SUMS = ("incidence", "time-to-half", "median", "slow-mean", "slow-median", "evidence")


@dataclass(frozen=True)
class State:
    """The end of the rollups and their time zone. Without rollups, `data_to` is None."""

    timezone: str
    data_to: datetime | None

    def reach(self, as_of: datetime) -> datetime:
        """Return the latest time, up to `as_of`, with complete data."""
        return as_of if self.data_to is None else min(as_of, self.data_to)

    def midnight(self, at: datetime) -> datetime:
        """Return the start of `at`'s day in the report time zone."""
        zone = ZoneInfo(self.timezone)
        return midnight(at.astimezone(zone).date(), zone)

    def serves(self, metric: Metric, chosen: Selection) -> bool:
        """Whether the daily sums cover this selection: they hold the metric's own window, as of their end only."""
        return (
            self.data_to is not None
            and rolled_as(metric, chosen.window_days) is not None
            and chosen.as_of >= self.data_to
        )


def rollup_state(db: Connection) -> State:
    """Return the state of the rollups."""
    row = fetch(db, query("rollup_state"), {})[0]
    return State(row.report_timezone, row.data_to)


def matured_and_pending(
    db: Connection, metric: Metric, chosen: Selection, state: State, by: str | None = None
) -> list[Total]:
    """Return the sums of matured rows and the number of rows too recent to count, per part."""
    return add_up(db, terms_of(metric, chosen, state, by))


def terms_of(metric: Metric, chosen: Selection, state: State, by: str | None = None) -> list[Term]:
    """Return the terms of `matured_and_pending`, before any read."""
    if metric.estimate in NO_SUMS:
        return []
    matured = matured_terms(metric, chosen, state, by)
    if not _summed_by_day(metric, chosen, state) or metric.matures is None:
        return matured
    ripe_to = ripe(metric, chosen).end
    if ripe_to >= chosen.end:
        return matured
    # Pending rows are the remainder, so no day is split into halves that both count its rows.
    everybody = _whole(metric, chosen, by, cut=day_until(ripe_to, ZoneInfo(chosen.timezone)))
    return [*matured, *pending(everybody, 1), *pending(matured, -1)]


def matured_terms(metric: Metric, chosen: Selection, state: State, by: str | None = None) -> list[Term]:
    """Return the terms of the rows that are old enough to count; of rows read one by one also how many are not."""
    if not _summed_by_day(metric, chosen, state):
        return [Term(about_rows("metric_totals", metric, chosen, {"by": by}), as_total)]
    return _whole(metric, chosen if metric.matures is None else ripe(metric, chosen), by)


def ripe(metric: Metric, chosen: Selection) -> Selection:
    """Return the part of a selection that is old enough to count."""
    window = timedelta(days=chosen.window_days or metric.matures or 0)
    return chosen.within(chosen.start, min(chosen.end, chosen.as_of - window + INSTANT))


def _summed_by_day(metric: Metric, chosen: Selection, state: State) -> bool:
    return state.serves(metric, chosen) and not (metric.once and _begins_within_a_day(chosen))


def _whole(metric: Metric, chosen: Selection, by: str | None, *, cut: date | None = None) -> list[Term]:
    """Return sums over [start, end), treated as matured. `cut`: a day up to which another sum is identical."""
    return _workspaces(metric, chosen, by, cut) if metric.once else terms_summed(metric, chosen, by)


def _begins_within_a_day(chosen: Selection) -> bool:
    zone = ZoneInfo(chosen.timezone)
    return chosen.start > EARLIEST and midnight(chosen.start.astimezone(zone).date(), zone) != chosen.start


def _workspaces(metric: Metric, chosen: Selection, by: str | None, cut: date | None) -> list[Term]:
    """Return sums over [start, end) that count a workspace once; `start` is midnight or the beginning of history."""
    if chosen.start >= chosen.end:
        return []
    zone = ZoneInfo(chosen.timezone)
    first, last = day_from(chosen.start, zone), day_until(chosen.end, zone)
    open_end = chosen.end > chosen.as_of
    broken = chosen.within(chosen.end if open_end else max(chosen.start, midnight(last, zone)), chosen.end)
    days = (first, None if open_end else last)
    return distinct_workspaces(metric, replace(broken, matured_by=LATEST), days, by=by, cut=cut)


def summed(db: Connection, metric: Metric, chosen: Selection, by: str | None) -> list[Total]:
    """Return sums over [start, end) by part: days from the rollups, partial days from the rows, all as matured."""
    return add_up(db, terms_summed(metric, chosen, by))


def terms_summed(metric: Metric, chosen: Selection, by: str | None) -> list[Term]:
    """Return the terms of `summed`, before any read."""
    if chosen.start >= chosen.end:
        return []
    zone = ZoneInfo(chosen.timezone)
    first, last = day_from(chosen.start, zone), day_until(chosen.end, zone)
    everything = replace(chosen, matured_by=LATEST)
    of_rows = METRICS[metric.rollup or metric.slug] if metric.accumulates else metric

    def of_hours(start: datetime, end: datetime) -> Term:
        """Return the terms of a partial day. Its hours lie in one part, so every time grouping shares its rows."""
        hours, day = everything.within(start, end), start.astimezone(zone).date()
        begins = part_of(day, by) if (end - INSTANT).astimezone(zone).date() == day else None
        if begins is None:
            return Term(about_rows("metric_totals", of_rows, hours, {"by": by}), as_total)
        part = begins.isoformat()
        return Term(
            about_rows("metric_totals", of_rows, hours, {"by": None}),
            lambda row: replace(as_total(row), part=part),
        )

    # The rollups end at as_of, so a period that extends past it has no partial last day.
    open_end = chosen.end > chosen.as_of
    if first is not None and not open_end and last <= first:
        return [of_hours(chosen.start, chosen.end)]
    results = [Term(about_days(metric, chosen, first, None if open_end else last, by=by), as_total)]
    if first is not None and midnight(first, zone) > chosen.start:
        results.append(of_hours(chosen.start, min(midnight(first, zone), chosen.end)))
    if not open_end and midnight(last, zone) < chosen.end:
        results.append(of_hours(midnight(last, zone), chosen.end))
    return results
