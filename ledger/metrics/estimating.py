"""From sums to a number with its interval: one way for each kind of estimate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from ledger import estimates
from ledger.metrics.fits import (
    AT_ONCE,
    FITTED,
    LARGEST_FIT,
    about_fit,
    about_pairs,
    few_payments,
    fit,
    fit_at_once,
    stored_fit,
)
from ledger.metrics.registry import Metric
from ledger.metrics.rough_counts import about_hits, about_payments
from ledger.metrics.rows import Lookup, Selection, Total, run, totals
from ledger.metrics.sums import State, matured_and_pending, summed, terms_summed

AT_ONCE_FITTED = ("incidence", "time-to-half", "evidence", "slow-median")


@dataclass(frozen=True)
class Estimated:
    """A number in the metric's unit with its interval, or the reason why there is none."""

    value: float | None
    n: int | None
    low: float | None = None
    high: float | None = None
    reason: str | None = None
    basis: str | None = None
    kind: str | None = None
    unit: str | None = None
    computed_at: datetime | None = None


def estimate(
    db: Connection, metric: Metric, chosen: Selection, total: Total, *, state: State, part: bool = False
) -> Estimated:
    """Return the number of the rows of `chosen`; `part`: of one part, without a fitted interval."""
    if metric.estimate == "ratio":
        return _ratio(db, metric, chosen, total, fit=not part)
    if metric.estimate == "sum":
        return Estimated(round(float(total.value), 4), None if metric.accumulates else total.n)
    if metric.estimate == "mean":
        return _mean(db, metric, chosen, total, fit=not part)
    if metric.estimate == "slow-mean":
        return _slow_mean(db, metric, chosen, fit=not part)
    if metric.estimate == "median":
        return _median(db, metric, chosen, state)
    return _fitted(db, metric, chosen)


def estimate_lookups(metric: Metric, chosen: Selection, state: State, *, part: bool) -> list[Lookup]:
    """Return the lookups that `estimate` always needs and that can be batched."""
    results: list[Lookup] = []
    if metric.estimate == "median" and state.serves(metric, chosen):
        results += [term.lookup for term in terms_summed(metric, chosen, "part")]
    if metric.estimate == "slow-mean" and state.data_to is not None:
        results.append(about_payments(chosen, state))
    fitted = metric.estimate not in ("ratio", "mean") or not part
    if metric.slug in FITTED and fitted and chosen.package is None:
        results.append(about_fit(metric.slug, chosen))
    if metric.estimate in AT_ONCE_FITTED and state.data_to is not None:
        results += about_hits(chosen, state)
    return results


def interval_lookups(
    db: Connection, metric: Metric, chosen: Selection, state: State, *, part: bool
) -> list[Lookup]:
    """Return the lookups for an interval that is fitted at once; they depend on the sums."""
    limits = {"mean": AT_ONCE + 1, "ratio": LARGEST_FIT if metric.repeats else 0}
    limit = limits.get(metric.estimate, 0)
    if part or not limit or stored_fit(db, metric, chosen) is not None:
        return []
    n = sum(total.n for total in matured_and_pending(db, metric, chosen, state))
    return [about_pairs(metric, chosen, limit)] if 0 < n <= AT_ONCE else []


def _ratio(db: Connection, metric: Metric, chosen: Selection, total: Total, *, fit: bool) -> Estimated:
    results = estimates.share(int(total.value), total.weight)
    if results is None:
        young = "nothing in this period is old enough to count yet"
        return Estimated(None, 0, reason=young if total.pending else "nothing to count in this period")
    value = round(100 * results.value, 1)
    if not metric.repeats:
        return Estimated(value, total.weight, round(100 * results.low, 1), round(100 * results.high, 1))
    fitted: Mapping[str, Any] = (fit and _interval_by_workspace(db, metric, chosen, total)) or {}
    return Estimated(
        value, total.weight, fitted.get("low"), fitted.get("high"), computed_at=fitted.get("computed_at")
    )


def _interval_by_workspace(
    db: Connection, metric: Metric, chosen: Selection, total: Total
) -> Mapping[str, Any] | None:
    """Return the interval stored by the worker, or compute it at once if few rows are behind the number."""
    stored = stored_fit(db, metric, chosen)
    return stored if stored is not None or total.n > AT_ONCE else fit(db, metric, chosen)


def _mean(db: Connection, metric: Metric, chosen: Selection, total: Total, *, fit: bool) -> Estimated:
    if total.weight == 0:
        retained = "everything in this period was refunded" if total.n else "nothing to count in this period"
        return Estimated(None, total.n, reason=retained)
    value, n = round(float(total.value) / total.weight, 4), min(total.n, total.weight)
    if not fit:
        return Estimated(value, n)
    stored = stored_fit(db, metric, chosen)
    if stored is not None:
        return Estimated(value, n, stored.get("low"), stored.get("high"), computed_at=stored["computed_at"])
    pairs = about_pairs(metric, chosen, AT_ONCE + 1).answer(db) if total.n <= AT_ONCE else []
    interval = estimates.mean_by_workspace([p.value for p in pairs], [p.weight for p in pairs])
    if interval is None:
        return Estimated(value, n)
    return Estimated(value, n, round(interval.low, 4), round(interval.high, 4))


def _slow_mean(db: Connection, metric: Metric, chosen: Selection, *, fit: bool) -> Estimated:
    """Return the mean of the rows if they are few, else the one stored by the worker."""
    if not few_payments(db, chosen):
        return _stored(stored_fit(db, metric, chosen))
    results = totals(db, metric, chosen)
    return _mean(db, metric, chosen, results[0] if results else Total(None, Decimal(0), 0, 0, 0), fit=fit)


def _median(db: Connection, metric: Metric, chosen: Selection, state: State) -> Estimated:
    if state.serves(metric, chosen):
        sizes = summed(db, metric, chosen, "part")
        return _middle(sorted((float(total.part or 0), total.n) for total in sizes))
    row = run(db, "metric_median", metric, chosen).one()
    if row.value is None:
        return Estimated(None, 0, reason="nothing to count in this period")
    return Estimated(round(row.value, 4), row.n)


def _middle(sizes: list[tuple[float, int]]) -> Estimated:
    """Return the median of values with counts; for an even number, the mean of the middle two."""
    n = sum(count for _value, count in sizes)
    if n == 0:
        return Estimated(None, 0, reason="nothing to count in this period")
    middle = []
    for position in ((n - 1) // 2, n // 2):
        seen = 0
        for value, count in sizes:
            seen += count
            if seen > position:
                middle.append(value)
                break
    return Estimated(sum(middle) / 2, n)


def _fitted(db: Connection, metric: Metric, chosen: Selection) -> Estimated:
    return _stored(stored_fit(db, metric, chosen) or fit_at_once(db, metric, chosen))


def _stored(stored: Mapping[str, Any] | None) -> Estimated:
    if stored is None:
        return Estimated(None, None, reason="this estimate has not been computed yet")
    return Estimated(
        stored.get("value"),
        stored.get("n"),
        stored.get("low"),
        stored.get("high"),
        stored.get("reason"),
        stored.get("basis"),
        stored.get("kind"),
        stored.get("unit"),
        stored.get("computed_at"),
    )
