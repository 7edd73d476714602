"""One number with its unit, sample, interval, pending rows, time and definition version."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, TypedDict, Unpack

from sqlalchemy import Connection

from ledger.database import query
from ledger.metrics.estimating import Estimated, estimate, estimate_lookups, interval_lookups
from ledger.metrics.fits import FITTED
from ledger.metrics.funnel import funnel_lookups
from ledger.metrics.registry import Metric, metric_of
from ledger.metrics.rows import PARTS, Lookup, Selection, Total
from ledger.metrics.sums import State, matured_and_pending, rollup_state, terms_of
from ledger.metrics.together import read_together
from ledger.metrics.whole_days import EARLIEST
from ledger.minutes.attributes import attribute_keys, natural_order
from ledger.snapshot_cache import fetch

TOO_FEW = 10


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A metric's number. `value` is None if the data support none; `reason` then explains why.

    `unit`: percent (42.9), points (of percent), minutes, cents (with `currency`), days or seconds. `basis`: the level
    of evidence behind it, and `kind`: whether that is an effect or an adjusted association. `n`: what the number
    rests on; below 10 (`few`) show the counts `numerator` of `denominator` instead. `pending`: not old enough to
    count yet. `as_of`: everything known by then is in it. `parts`: the same by plan, package, week ..., each with its
    label in `part`.
    """

    slug: str
    value: float | None
    unit: str
    n: int | None
    low: float | None
    high: float | None
    pending: int
    as_of: datetime
    definition_version: int
    source: str
    start: datetime
    end: datetime
    currency: str | None = None
    reason: str | None = None
    basis: str | None = None
    kind: str | None = None
    numerator: float | None = None
    denominator: int | None = None
    computed_at: datetime | None = None
    part: str | None = None
    parts: tuple[Measure, ...] = ()

    @property
    def few(self) -> bool:
        """Whether so few cases are behind the number that only counts should be shown."""
        return self.n is not None and self.n < TOO_FEW

    @property
    def awaits_estimate(self) -> bool:
        """Whether its value or interval is missing only because the worker has not computed it yet."""
        answered = self.value is None and self.reason is not None and "computed" not in self.reason
        missing = self.computed_at is None and self.low is None and self.n != 0
        return self.slug in FITTED and missing and not answered


class MetricFilters(TypedDict, total=False):
    """Filters beside the period; `window_days` replaces the metric's own maturity."""

    plan: str | None
    billing_cycle: str | None
    package: str | None
    currency: str | None
    window_days: int | None
    attributes: Mapping[str, str] | tuple[tuple[str, str], ...]


def measure(
    db: Connection,
    slug: str,
    *,
    start: datetime,
    end: datetime,
    as_of: datetime,
    source: str,
    by: str | None = None,
    interval: bool = True,
    **filters: Unpack[MetricFilters],
) -> Measure:
    """Return the number of a metric over [start, end) as known at `as_of`, from the day-level sums where they reach.

    `by` adds `parts`: plan, billing_cycle, package, part, currency, day, week, month or the key of an attribute.
    `interval=False` leaves out what would have to be fitted. Where the rollups end before `as_of`, the answer is as of
    their end and says so.
    Raises UnknownMetric; ValueError for times without offset or an unknown `by`.
    """
    metric = metric_of(slug)
    if start.tzinfo is None or end.tzinfo is None or as_of.tzinfo is None:
        raise ValueError("start, end and as_of need an offset")
    if by is not None and by not in PARTS and by not in attribute_keys(db):
        raise ValueError(f"parts are one of {', '.join([*PARTS, *attribute_keys(db)])}")
    state = rollup_state(db)
    chosen = _selection(metric, state, start=start, end=end, as_of=as_of, source=source, **filters)
    reason = _impossible(metric, chosen, state, start, as_of)
    if reason is not None:
        return _unknown(metric, replace(chosen, start=start), reason)
    if metric.unit == "cents" and chosen.currency is None:
        return _by_currency(db, metric, chosen, state, by, start=start, interval=interval)
    return replace(_measured(db, metric, chosen, state, by, interval=interval), start=start)


def _selection(metric: Metric, state: State, *, start: datetime, as_of: datetime, **chosen: Any) -> Selection:
    """Return the rows that a number counts: as known at `as_of`, and from the beginning where it accumulates."""
    begins = EARLIEST if metric.accumulates else start
    return Selection(start=begins, as_of=state.reach(as_of), timezone=state.timezone, **chosen)


def read_ahead(
    db: Connection, wanted: Iterable[tuple[str, Mapping[str, Any]]], *, funnel: Selection | None = None
) -> None:
    """Read in one batch what `measure` will need: slugs, each with the arguments of its call.

    `funnel`: also what `conversion_funnel` and `alert_levels` need for this selection.

    A page of many numbers then costs a few statements, with the same results as separate reads.
    """
    state = rollup_state(db)
    expected = list(_expected(db, wanted, state))
    lookups: list[Lookup] = [] if funnel is None else funnel_lookups(funnel, state)
    for metric, chosen, by, part in expected:
        for division in {None, by}:
            lookups += [term.lookup for term in terms_of(metric, chosen, state, division)]
        lookups += estimate_lookups(metric, chosen, state, part=part)
    read_together(db, lookups)
    later = [interval_lookups(db, metric, chosen, state, part=part) for metric, chosen, _by, part in expected]
    read_together(db, [lookup for each in later for lookup in each])


def _expected(
    db: Connection, wanted: Iterable[tuple[str, Mapping[str, Any]]], state: State
) -> Iterator[tuple[Metric, Selection, str | None, bool]]:
    """Return the selections that will be measured, each with its division and whether it needs no interval."""
    for slug, arguments in wanted:
        metric, chosen = metric_of(slug), dict(arguments)
        by, interval = chosen.pop("by", None), chosen.pop("interval", True)
        selection = _selection(metric, state, **chosen)
        if _impossible(metric, selection, state, chosen["start"], chosen["as_of"]) is None:
            for one in _of_each_currency(db, metric, selection):
                yield metric, one, by, not interval


def _of_each_currency(db: Connection, metric: Metric, chosen: Selection) -> list[Selection]:
    if metric.unit != "cents" or chosen.currency is not None:
        return [chosen]
    return [replace(chosen, currency=currency) for currency in list_currencies(db)]


def list_currencies(db: Connection) -> list[str]:
    """Return the currencies in which packages are or were sold; `usd` before there is one."""
    return [row.currency for row in fetch(db, query("metric_currencies"), {})] or ["usd"]


def list_paid_currencies(db: Connection, source: str, state: State, *, as_of: datetime) -> list[str]:
    """Return the currencies in which a source was paid by `as_of`, the one of most payments first."""
    until = state.reach(as_of)
    ever = Selection(EARLIEST, until, until, source, timezone=state.timezone)
    paid = matured_and_pending(db, metric_of("revenue-gross"), ever, state, "currency")
    return [total.part or "" for total in sorted(paid, key=lambda total: (-total.n, total.part)) if total.n]


def _impossible(
    metric: Metric, chosen: Selection, state: State, start: datetime, as_of: datetime
) -> str | None:
    if chosen.end <= start:
        return "the period ends before it starts"
    if metric.needs_rollups and state.data_to is None:
        return "the daily sums have not been made yet"
    if start > as_of and not metric.accumulates:
        return "the period lies in the future"
    return None


def _by_currency(
    db: Connection,
    metric: Metric,
    chosen: Selection,
    state: State,
    by: str | None,
    *,
    start: datetime,
    interval: bool,
) -> Measure:
    """Amounts of two currencies are never added: with several, each is a part and the whole has no value."""
    results = [
        replace(_measured(db, metric, one, state, by, interval=interval), start=start)
        for one in _of_each_currency(db, metric, chosen)
    ]
    with_rows = [one for one in results if one.n or one.pending or one.value]
    if len(with_rows) <= 1:
        return (with_rows or results)[0]
    several = _unknown(metric, replace(chosen, start=start), "amounts of several currencies are never added")
    return replace(several, parts=tuple(replace(one, part=one.currency) for one in with_rows))


def _measured(
    db: Connection, metric: Metric, chosen: Selection, state: State, by: str | None, *, interval: bool
) -> Measure:
    whole = matured_and_pending(db, metric, chosen, state)
    estimated = estimate(db, metric, chosen, _one(whole), state=state, part=not interval)
    parts: list[Measure] = []
    if by is not None:
        parts = [
            replace(
                _made(metric, chosen, total, estimate(db, metric, chosen, total, state=state, part=True)),
                part=total.part,
            )
            for total in matured_and_pending(db, metric, chosen, state, by)
        ]
        if by not in PARTS:
            parts.sort(key=lambda one: natural_order(one.part))
    return replace(_made(metric, chosen, _one(whole), estimated), parts=tuple(parts))


def _one(results: Sequence[Total]) -> Total:
    return results[0] if results else Total(None, Decimal(0), 0, 0, 0)


def _made(metric: Metric, chosen: Selection, total: Total, estimated: Estimated) -> Measure:
    return Measure(
        value=estimated.value,
        n=estimated.n,
        low=estimated.low,
        high=estimated.high,
        pending=total.pending,
        numerator=float(total.value),
        denominator=total.weight,
        reason=estimated.reason,
        basis=estimated.basis,
        kind=estimated.kind,
        computed_at=estimated.computed_at,
        **_common(metric, chosen) | ({"unit": estimated.unit} if estimated.unit else {}),
    )


def _unknown(metric: Metric, chosen: Selection, reason: str) -> Measure:
    return Measure(value=None, n=0, low=None, high=None, pending=0, reason=reason, **_common(metric, chosen))


def _common(metric: Metric, chosen: Selection) -> dict[str, Any]:
    return {
        "slug": metric.slug,
        "unit": metric.unit,
        "as_of": chosen.as_of,
        "definition_version": metric.version,
        "source": chosen.source,
        "start": chosen.start,
        "end": chosen.end,
        "currency": chosen.currency if metric.unit == "cents" else None,
    }


def worked(results: Measure) -> str:
    """Return a measure in one line, as the headers state the worked example (without intervals of amounts)."""
    if results.value is None:
        parts = ["none"] + ([f"n {results.n}"] if results.n else [])
    else:
        parts = [f"{results.value} {results.unit}"] + ([] if results.n is None else [f"n {results.n}"])
    if results.low is not None and results.high is not None and results.unit in ("percent", "minutes"):
        parts.append(f"{results.low} to {results.high}")
    if results.pending:
        parts.append(f"pending {results.pending}")
    return "; ".join(parts)
