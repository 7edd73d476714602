"""The rows behind a number, and their sums. Both run the metric's own SQL, so they cannot disagree."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, TextClause, text

from ledger.database import inlined, query, scripts
from ledger.metrics.registry import Metric, metric_of, metric_or_step, rolled_as
from ledger.metrics.whole_days import EARLIEST, whole_months
from ledger.snapshot_cache import fetch

BY_DAY = ("rollup_rows", "rolled_workspaces", "added_workspaces")
"""Statements that already count a workspace once per day or period."""
PREPARED = ("rolled_totals", "metric_fit")
"""Statements with the same query plan for every period."""
PARTS = ("plan", "billing_cycle", "package", "part", "currency", "day", "week", "month")
COLUMNS = (
    "workspace_id",
    "at",
    "plan",
    "billing_cycle",
    "package",
    "currency",
    "part",
    "value",
    "weight",
    "pending",
)
LATEST = datetime(9999, 1, 1, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Selection:
    """A selection of rows: a half-open period, the `as_of` time, and filters (None: all)."""

    start: datetime
    end: datetime
    as_of: datetime
    source: str
    timezone: str = "UTC"
    plan: str | None = None
    billing_cycle: str | None = None
    package: str | None = None
    currency: str | None = None
    window_days: int | None = None
    matured_by: datetime | None = None
    attributes: Mapping[str, str] | tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        """Accept attributes as a mapping too; `none` selects the workspaces without the key."""
        object.__setattr__(self, "attributes", tuple(sorted(dict(self.attributes).items())))

    @property
    def attributes_json(self) -> str | None:
        """Return the attributes as a statement binds them, or None without a filter."""
        return json.dumps(dict(self.attributes)) if self.attributes else None

    def within(self, start: datetime, end: datetime) -> Selection:
        """Return this selection for another period."""
        return replace(self, start=start, end=end)


@dataclass(frozen=True)
class Total:
    """Sums over rows: `value`, `weight` and the row count. Sums exclude `pending` rows."""

    part: str | None
    value: Decimal
    weight: int
    n: int
    pending: int


@dataclass(frozen=True)
class Lookup:
    """One database lookup: a query, or one over a metric's rows (`slug`), and its parameters."""

    template: str
    slug: str | None
    binds: Mapping[str, Any]

    @property
    def statement(self) -> TextClause:
        """Return the SQL statement."""
        return query(self.template) if self.slug is None else statement(self.template, self.slug)

    def answer(self, db: Connection) -> Sequence[Row[Any]]:
        """Return its rows, read once per snapshot."""
        if self.template in PREPARED:
            return fetch(db, self.statement, self.binds)
        with planned_for_its_values(db):
            return fetch(db, self.statement, self.binds)


@dataclass(frozen=True)
class RowTotals:
    """Row count and value sum behind a number: the control sum of an export."""

    n: int
    pending: int
    value: Decimal
    weight: int


@cache
def statement(template: str, slug: str) -> TextClause:
    """Return the query `template` over a metric's rows, with the shared groupings and filters."""
    metric = metric_or_step(slug)
    one = (
        scripts()["metric_row"].replace("/* segments */", metric.segments).replace("/* metric */", metric.sql)
    )
    if metric.once and template not in BY_DAY:
        collapse = "metric_row_of_workspace" if metric.estimate == "ratio" else "metric_sum_of_workspace"
        one = scripts()[collapse].replace("/* rows */", one)
    days = scripts()["workspace_day_rows"]
    return text(inlined(scripts()[template].replace("/* rows */", one).replace("/* days */", days)))


@cache
def _binds(template: str, slug: str) -> frozenset[str]:
    return frozenset(re.findall(r"(?<![:\w]):(\w+)", str(statement(template, slug))))


def run(
    db: Connection,
    template: str,
    metric: Metric,
    chosen: Selection,
    *,
    portion: int | None = None,
    **more: Any,
) -> Any:
    """Execute a statement over a metric's rows; `portion`: rows per fetch."""
    options = {"yield_per": portion} if portion else {}
    if portion:
        db.execute(query("read_to_the_end"))
    with planned_for_its_values(db):
        return db.execute(
            statement(template, metric.slug),
            _values(template, metric, chosen, more),
            execution_options=options,
        )


def _values(template: str, metric: Metric, chosen: Selection, more: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that a statement uses."""
    values = {
        **vars(chosen),
        "window_days": chosen.window_days or metric.matures or 0,
        "matured_by": chosen.matured_by or chosen.as_of,
        "attributes": chosen.attributes_json,
        "by": None,
        **more,
    }
    return {name: values[name] for name in _binds(template, metric.slug)}


@contextmanager
def planned_for_its_values(db: Connection) -> Iterator[None]:
    """Plan statements for their values: a generic plan would scan all of history for one day."""
    raw: Any = db.connection.driver_connection
    usual = raw.prepare_threshold
    raw.prepare_threshold = None
    try:
        yield
    finally:
        raw.prepare_threshold = usual


def about_rows(
    template: str, metric: Metric, chosen: Selection, more: Mapping[str, Any] | None = None
) -> Lookup:
    """Return a lookup over the rows of a metric."""
    return Lookup(template, metric.slug, _values(template, metric, chosen, more or {}))


def totals(db: Connection, metric: Metric, chosen: Selection, by: str | None = None) -> list[Total]:
    """Return one total per part (`by`: plan, billing_cycle, package, part, currency, day, week, month)."""
    results = about_rows("metric_totals", metric, chosen, {"by": by}).answer(db)
    return [as_total(row) for row in results]


def as_total(row: Row[Any]) -> Total:
    """Return a row of sums as a Total."""
    return Total(row.part, row.value, row.weight, row.n, getattr(row, "pending", 0))


def rolled_totals(
    db: Connection,
    metric: Metric,
    chosen: Selection,
    first_day: date | None,
    last_day: date | None,
    *,
    by: str | None = None,
) -> list[Total]:
    """Return the totals of whole days [first_day, last_day) from the rollups; None leaves a side open."""
    return [as_total(row) for row in about_days(metric, chosen, first_day, last_day, by=by).answer(db)]


def about_days(
    metric: Metric,
    chosen: Selection,
    first_day: date | None,
    last_day: date | None,
    *,
    by: str | None = None,
) -> Lookup:
    """Return the lookup for sums of whole days. Whole months use the monthly rollup, unless grouped by day."""
    binds = {
        "metric": rolled_as(metric, chosen.window_days),
        "source": chosen.source,
        "plan": chosen.plan,
        "billing_cycle": chosen.billing_cycle,
        "package": chosen.package,
        "currency": chosen.currency,
        "first_day": first_day,
        "last_day": last_day,
        "by": by,
    }
    if chosen.attributes or by not in (None, *PARTS):
        binds["attributes"] = chosen.attributes_json
        return Lookup("rolled_totals_of_attributes", metric.slug, binds)
    months = whole_months(first_day, last_day, daily=by in ("day", "week"))
    binds |= dict(zip(("first_month", "last_month"), months, strict=True))
    return Lookup("rolled_totals", None, binds)


def rows(
    db: Connection,
    slug: str,
    *,
    start: datetime,
    end: datetime,
    as_of: datetime,
    source: str,
    limit: int = 50,
    offset: int = 0,
    outcome: str | None = None,
    **filters: Any,
) -> list[dict[str, Any]]:
    """Return one page of the rows behind a number: those that count first, each newest first. Raise UnknownMetric.

    Each row has workspace_id, at, plan, billing_cycle, package, currency, part, value, weight, pending and what the
    metric adds. `outcome`: only those that count as `yes`, as `no`, or are still `open`; `filters`: as in a selection.
    """
    metric = metric_of(slug)
    chosen = _grown(metric, Selection(start, end, as_of, source, **filters))
    results = run(db, "metric_rows", metric, chosen, limit=limit, offset=offset, outcome=outcome)
    return [_shown(row) for row in results.mappings()]


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with the columns of every metric first."""
    ordered = {name: row[name] for name in COLUMNS} | dict(row)
    ordered.pop("dimension")
    return {name: str(value) if isinstance(value, UUID) else value for name, value in ordered.items()}


def each_row(
    db: Connection, slug: str, *, start: datetime, end: datetime, as_of: datetime, source: str, **filters: Any
) -> Iterator[dict[str, Any]]:
    """Yield all rows behind a number, those that count first, fetched in batches. Raise UnknownMetric."""
    metric = metric_of(slug)
    chosen = _grown(metric, Selection(start, end, as_of, source, **filters))
    results = run(db, "metric_rows", metric, chosen, portion=1000, limit=None, offset=0, outcome=None)
    with closing(results):
        for row in results.mappings():
            yield _shown(row)


def row_totals(
    db: Connection, slug: str, *, start: datetime, end: datetime, as_of: datetime, source: str, **filters: Any
) -> RowTotals:
    """Return the count and control sum of the rows behind a number. Raise UnknownMetric."""
    metric = metric_of(slug)
    results = totals(db, metric, _grown(metric, Selection(start, end, as_of, source, **filters)))
    return RowTotals(
        sum(t.n for t in results),
        sum(t.pending for t in results),
        sum((t.value for t in results), Decimal(0)),
        sum(t.weight for t in results),
    )


def _grown(metric: Metric, chosen: Selection) -> Selection:
    """Return the selection from the beginning of history when the metric accumulates."""
    return chosen.within(EARLIEST, chosen.end) if metric.accumulates else chosen
