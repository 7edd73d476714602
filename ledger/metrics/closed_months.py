"""Closed months: each number as the month closed, and every later reading that differs, with its cause.

A month closes for a metric when it is over in the report time zone and its last row has matured. Rows are only
added: revision 1 is the number as the month closed, each later revision a reading that differed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row

from ledger.database import query
from ledger.desk.search import sources
from ledger.metrics.measures import measure
from ledger.metrics.month_causes import Cause, MonthSums, causes_between, count_facts
from ledger.metrics.registry import Metric, closing, rolled
from ledger.metrics.rollups import rolled_definitions
from ledger.metrics.rows import Total
from ledger.metrics.versions import record_versions

RECENT = 2
"""The latest closed months of a source: compared in every pass."""
MONTHS_A_PASS = 6
"""Months of a source compared in one pass; older months rotate."""
WATCHED_MONTHS = 60
"""Months that closed longer ago are not compared any more."""


@dataclass(frozen=True, kw_only=True)
class ClosedMonthReading:
    """A number of a closed month as known at `as_of`; revision 1 is how it closed.

    A first revision has causes only for a currency that nobody had used when the month closed.
    """

    metric: str
    source: str
    month: date
    currency: str
    revision: int
    value: float | None
    low: float | None
    high: float | None
    n: int | None
    pending: int
    reason: str | None
    definition_version: int
    report_timezone: str
    as_of: datetime
    computed_at: datetime
    causes: tuple[Cause, ...]


@dataclass(frozen=True)
class ClosedNumber:
    """All readings of one number of one month, oldest first."""

    readings: tuple[ClosedMonthReading, ...]

    @property
    def closed(self) -> ClosedMonthReading:
        """The reading as the month closed."""
        return self.readings[0]

    @property
    def now(self) -> ClosedMonthReading:
        """The latest reading."""
        return self.readings[-1]

    @property
    def moved(self) -> bool:
        """Whether the number has changed since the month closed."""
        numbers = ((one.value, one.n) for one in (self.closed, self.now))
        return bool(self.closed.causes) or len(set(numbers)) > 1

    @property
    def causes(self) -> tuple[Cause, ...]:
        """Return why the number changed, oldest cause first."""
        return tuple(cause for reading in self.readings for cause in reading.causes)


def close_months(db: Connection, *, at: datetime) -> int:
    """Store the numbers of months that have closed, and later differences. Return how many were measured.

    Safe to repeat and to run from several processes: the second waits and finds nothing to do. A pass compares at
    most MONTHS_A_PASS months of each source with the daily sums, a statement each, and measures only what differs.
    Definitions that changed are recorded first. Nothing closes while the daily sums are of another version.
    """
    state = db.execute(query("rollup_lock")).one()
    record_versions(db, at=at)
    if state.data_to is None or state.definitions != rolled_definitions():
        return 0
    measured = 0
    for source in sorted(sources(db)):
        for first in _due(db, source, state.report_timezone, state.data_to):
            month = _month(db, source, first, state.report_timezone, state.data_to)
            measured += _compare(db, month, at)
            db.execute(query("closed_month_checked"), {"source": source, "month": first, "at": at})
    return measured


def _due(db: Connection, source: str, timezone: str, data_to: datetime) -> list[date]:
    """Return the first days of the months to compare now."""
    names = [metric.slug for metric in rolled()]
    begin = db.execute(query("closed_month_begin"), {"source": source, "metrics": names}).scalar_one()
    running = data_to.astimezone(ZoneInfo(timezone)).date().replace(day=1)
    last = (running - timedelta(days=1)).replace(day=1)
    if begin is None or begin >= running:
        return []
    watched = (last - timedelta(days=31 * (WATCHED_MONTHS - 1))).replace(day=1)
    binds = {
        "source": source,
        "first": max(begin.replace(day=1), watched),
        "last": last,
        "recent": RECENT,
        "limit": MONTHS_A_PASS,
    }
    return list(db.execute(query("closed_month_due"), binds).scalars())


def _month(db: Connection, source: str, first: date, timezone: str, as_of: datetime) -> MonthSums:
    last = (first + timedelta(days=32)).replace(day=1)
    binds = {
        "source": source,
        "metrics": [metric.slug for metric in rolled()],
        "first": first,
        "last": last,
    }
    sums: dict[tuple[str, str], list[Total]] = {}
    for row in db.execute(query("closed_month_sums"), binds):
        total = Total(row.part, row.value, row.weight, row.n, 0)
        sums.setdefault((row.metric, row.currency), []).append(total)
    return MonthSums(source, first, last, timezone, as_of, sums)


def _compare(db: Connection, month: MonthSums, at: datetime) -> int:
    """Measure what is not stored yet or differs from the latest reading. Return how many were measured."""
    results = db.execute(query("closed_month_latest"), {"source": month.source, "month": month.first})
    known = {(row.metric, row.currency): row for row in results}
    offered = set(db.execute(query("metric_currencies")).scalars()) or {"usd"}
    measured = 0
    for metric in closing():
        if not month.matured(metric):
            continue
        already = {currency for slug, currency in known if slug == metric.slug}
        for currency in _currencies(metric, month, offered | already):
            total = month.total(metric.rollup or metric.slug, currency)
            before = known.get((metric.slug, currency))
            if before is None or _differs(before, metric, month, total):
                facts = count_facts(db, metric, month, currency)
                causes = _causes(before, facts, metric, month) if already else []
                revision = before.revision + 1 if before else 1
                _store(
                    db,
                    metric,
                    month,
                    currency,
                    total=total,
                    facts=facts,
                    causes=causes,
                    revision=revision,
                    at=at,
                )
                measured += 1
    return measured


def _currencies(metric: Metric, month: MonthSums, known: set[str]) -> list[str]:
    """Return the currencies to store: every currency for money, also unused ones; no currency for anything else."""
    if metric.unit != "cents":
        return [""]
    return sorted(known | {currency for name, currency in month.sums if name == metric.rollup and currency})


def _differs(before: Row[Any], metric: Metric, month: MonthSums, total: Total) -> bool:
    return (
        before.definition_version,
        before.report_timezone,
        before.sum_of_values,
        before.sum_of_weights,
        before.row_count,
    ) != (metric.version, month.timezone, total.value, total.weight, total.n)


def _causes(before: Row[Any] | None, facts: dict[str, int], metric: Metric, month: MonthSums) -> list[Cause]:
    """Return why the number differs; for a currency that is new in a closed month, why it is no longer empty."""
    if before is None:
        same = (metric.version,) * 2, (month.timezone,) * 2
        return causes_between({}, facts, versions=same[0], timezones=same[1])
    return causes_between(
        before.facts,
        facts,
        versions=(before.definition_version, metric.version),
        timezones=(before.report_timezone, month.timezone),
    )


def _store(
    db: Connection,
    metric: Metric,
    month: MonthSums,
    currency: str,
    *,
    total: Total,
    facts: dict[str, int],
    causes: list[Cause],
    revision: int,
    at: datetime,
) -> None:
    results = measure(
        db,
        metric.slug,
        start=month.start,
        end=month.end,
        as_of=month.as_of,
        source=month.source,
        currency=currency or None,
    )
    row = {
        name: getattr(results, name) for name in ("value", "low", "high", "n", "pending", "reason", "as_of")
    }
    row |= {
        "metric": metric.slug,
        "source": month.source,
        "month": month.first,
        "currency": currency,
        "revision": revision,
        "definition_version": metric.version,
        "report_timezone": month.timezone,
        "computed_at": at,
        "sum_of_values": total.value,
        "sum_of_weights": total.weight,
        "row_count": total.n,
        "facts": json.dumps(facts),
        "causes": json.dumps([asdict(cause) for cause in causes]),
    }
    db.execute(query("closed_month_add"), row)


def list_closed(
    db: Connection, metrics: Sequence[str], *, source: str, first: date, last: date, as_of: datetime
) -> list[ClosedNumber]:
    """Return the closed numbers of months that begin in [first, last), newest month first, as stored by `as_of`."""
    binds = {"metrics": list(metrics), "source": source, "first": first, "last": last, "as_of": as_of}
    rows = (_reading(dict(row)) for row in db.execute(query("closed_month_readings"), binds).mappings())
    return [
        ClosedNumber(tuple(readings))
        for _, readings in groupby(rows, key=lambda one: (one.month, one.metric, one.currency))
    ]


def _reading(row: dict[str, Any]) -> ClosedMonthReading:
    return ClosedMonthReading(**{**row, "causes": tuple(Cause(**cause) for cause in row["causes"])})


def closed_number(
    db: Connection,
    metric: str,
    *,
    start: datetime,
    end: datetime,
    timezone: str,
    source: str,
    as_of: datetime,
    currency: str | None = None,
) -> ClosedNumber | None:
    """Return the closed number of the month that is exactly [start, end) in the report time zone, or None."""
    first = month_between(start, end, timezone=timezone)
    if first is None:
        return None
    results = list_closed(
        db, [metric], source=source, first=first, last=first + timedelta(days=1), as_of=as_of
    )
    return next((one for one in results if one.closed.currency == (currency or "")), None)


def month_between(start: datetime, end: datetime, *, timezone: str) -> date | None:
    """Return the first day of the month that is exactly [start, end) in this time zone, or None."""
    try:
        first, last = (moment.astimezone(ZoneInfo(timezone)) for moment in (start, end))
        following = (first + timedelta(days=32)).date().replace(day=1)
    except OverflowError:  # beyond the calendar
        return None
    midnights = all(moment.day == 1 and moment.time() == time() for moment in (first, last))
    return first.date() if midnights and last.date() == following else None
