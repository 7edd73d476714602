"""Estimates that need more than sums: intervals by resampling, curves, the levels of evidence about retention.

Pages request them, the worker computes them, and each is stored with its time; a page never waits for one. Only a
period with few workspaces is cheap enough to fit at once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from ledger import estimates
from ledger.database import query
from ledger.experiments.holdouts import list_hold_outs
from ledger.metrics.evidence import weigh_evidence
from ledger.metrics.registry import METRICS, Metric, metric_of
from ledger.metrics.rough_counts import about_hits, about_payments, rows_of
from ledger.metrics.rows import Lookup, Selection, about_rows, rows, run, totals
from ledger.metrics.sums import rollup_state
from ledger.metrics.together import read_together
from ledger.snapshot_cache import cached

AT_ONCE, HITS_AT_ONCE, PAYMENTS_AT_ONCE = 200, 2000, 5000
LARGEST_FIT = 200_000
WINDOW_DAYS = 14.0
CURVE_DAYS = 60
FORGOTTEN_AFTER = timedelta(days=7)
FITTED = tuple(
    slug
    for slug, metric in METRICS.items()
    if metric.repeats
    or metric.estimate in ("mean", "slow-mean", "incidence", "time-to-half", "evidence", "slow-median")
)


def stored_fit(db: Connection, metric: Metric, chosen: Selection) -> dict[str, Any] | None:
    """Return the stored estimate of exactly this selection, with `computed_at`; None until the worker has computed it.

    It includes nothing later than `chosen.as_of`, apart from the hour in which estimates are renewed.
    """
    if chosen.package is not None:
        return None
    row = next(iter(about_fit(metric.slug, chosen).answer(db)), None)
    if row is None or row.result is None:
        return None
    of_currency = row.result.get("currencies", {}).get(chosen.currency)
    return {**(of_currency or row.result), "computed_at": row.computed_at}


def about_fit(slug: str, chosen: Selection) -> Lookup:
    """Return the lookup of the stored estimate of exactly this selection."""
    return Lookup("metric_fit", None, {**_key(slug, chosen), "as_of": chosen.as_of})


def fit_at_once(db: Connection, metric: Metric, chosen: Selection) -> dict[str, Any] | None:
    """Return the estimate when the period holds so few workspaces that it takes milliseconds; otherwise None."""
    first_hits, hits = _hits(db, chosen)
    if first_hits > AT_ONCE or hits > HITS_AT_ONCE:
        return None
    return cached(db, (metric.slug, chosen), lambda: fit(db, metric, chosen))


def _hits(db: Connection, chosen: Selection) -> tuple[int, int]:
    """Return the numbers of first limit hits and of limit hits in the period, roughly: from the daily sums if any.

    Finding even a few first hits among many takes time.
    """
    state = rollup_state(db)
    if state.data_to is None:
        binds = {"source": chosen.source, "start": chosen.start, "end": chosen.end, "as_of": chosen.as_of}
        few = db.execute(query("first_hits_up_to"), {**binds, "limit": AT_ONCE + 1}).scalar_one()
        return int(few), 0
    first_hits, hits = (rows_of(db, lookup) for lookup in about_hits(chosen, state))
    return first_hits, hits


def few_payments(db: Connection, chosen: Selection) -> bool:
    """Whether the workspaces that paid in the period can be counted in milliseconds; without daily sums there are few.

    A filter does not reduce the work: the plan of each has to be looked up first.
    """
    state = rollup_state(db)
    return state.data_to is None or rows_of(db, about_payments(chosen, state)) <= PAYMENTS_AT_ONCE


def want_fits(db: Connection, wanted: Sequence[tuple[str, Selection]], *, at: datetime) -> None:
    """Request estimates of metrics over selections from the worker; a repeated request refreshes them.

    A selection as of a moment more than an hour before the end of the data requests what was known then.
    Raises UnknownMetric.
    """
    listed = [{**_key(metric_of(slug).slug, chosen), "as_of": chosen.as_of} for slug, chosen in wanted]
    db.execute(query("metric_fits_want"), {"wanted": _listed(listed), "at": at})


def keep_wanted(db: Connection, shown: Sequence[tuple[str, Selection]], *, at: datetime) -> None:
    """Renew the request for estimates that are on a screen, so that they are not deleted."""
    if shown:
        listed = [_key(slug, chosen) for slug, chosen in shown]
        db.execute(query("metric_fits_keep"), {"shown": _listed(listed), "at": at})


def missing_fits(db: Connection, wanted: Sequence[tuple[str, Selection]]) -> list[str]:
    """Return the metrics whose estimates the worker has not made yet, of those that are wanted."""
    read_together(db, [about_fit(slug, chosen) for slug, chosen in wanted])
    return [slug for slug, chosen in wanted if stored_fit(db, METRICS[slug], chosen) is None]


def _listed(rows: Sequence[Mapping[str, Any]]) -> str:
    return json.dumps(rows, default=datetime.isoformat)


def refresh_fits(db: Connection, *, at: datetime, limit: int = 20) -> int:
    """Compute requested estimates that are missing or older than the rollups, for the worker. Return how many.

    Estimates that nobody requested for a week are deleted.
    """
    state = rollup_state(db)
    present = state.reach(at)
    db.execute(query("metric_fits_forget"), {"before": at - FORGOTTEN_AFTER})
    wanted = db.execute(query("metric_fits_wanted"), {"as_of": present, "limit": limit}).all()
    for row in wanted:
        chosen = Selection(
            row.starts_at,
            row.ends_at,
            row.known_at or present,
            row.source,
            timezone=state.timezone,
            plan=row.plan or None,
            billing_cycle=row.billing_cycle or None,
            attributes=tuple(json.loads(row.attributes or "{}").items()),
        )
        result = fit(db, metric_of(row.metric), chosen)
        made = {"known_at": row.known_at, "as_of": chosen.as_of, "at": at, "result": json.dumps(result)}
        db.execute(query("metric_fit_save"), {**_key(row.metric, chosen), **made})
    return len(wanted)


def fit(db: Connection, metric: Metric, chosen: Selection) -> dict[str, Any]:
    """Return the estimate of a selection as a JSON value: value, n, low, high, reason, and the points of its chart."""
    made = {
        "mean": _mean,
        "ratio": _ratio,
        "slow-mean": _slow_mean,
        "slow-median": _slow_median,
        "evidence": _evidence,
    }
    if metric.estimate in made:
        return made[metric.estimate](db, metric, chosen)
    # Metrics that read the same rows in other ways, on one page, read them once.
    read = cached(db, (metric.sql, metric.segments, chosen), lambda: _rows(db, metric, chosen, LARGEST_FIT))
    return _curve(metric, read)


def _evidence(db: Connection, metric: Metric, chosen: Selection) -> dict[str, Any]:
    launch = db.execute(query("metric_launch"), {"as_of": chosen.as_of}).scalar_one_or_none()
    near = near_hits(db, chosen)
    hits = _rows(db, metric, chosen, LARGEST_FIT)
    hold_outs = list_hold_outs(db, chosen.source)
    return weigh_evidence(hits, near, launch, as_of=chosen.as_of, hold_outs=hold_outs)


def _slow_median(db: Connection, metric: Metric, chosen: Selection) -> dict[str, Any]:
    row = run(db, "metric_median", metric, chosen).one()
    if row.value is None:
        return {"value": None, "n": 0, "reason": "nothing to count in this period"}
    return {"value": round(row.value, 4), "n": row.n}


def near_hits(db: Connection, chosen: Selection) -> list[dict[str, Any]]:
    """Return workspaces that were warned at 80% but did not reach the limit in that epoch: the comparison group.

    They have the same plan and billing cycle as the selected workspaces that reached the limit.
    """
    names = ("source", "start", "end", "as_of", "plan", "billing_cycle")
    binds = {name: getattr(chosen, name) for name in names} | {"attributes": chosen.attributes_json}
    return [dict(row) for row in db.execute(query("near_hits"), binds).mappings()]


def _mean(db: Connection, metric: Metric, chosen: Selection) -> dict[str, Any]:
    if metric.unit == "cents" and chosen.currency is None:
        currencies = list(db.execute(query("metric_currencies")).scalars())
        if len(currencies) != 1:
            each = {
                currency: _mean(db, metric, replace(chosen, currency=currency)) for currency in currencies
            }
            return {"reason": "amounts of several currencies are never added", "currencies": each}
        chosen = replace(chosen, currency=currencies[0])
    pairs = run(db, "metric_by_workspace", metric, chosen, limit=LARGEST_FIT).all()
    interval = estimates.mean_by_workspace(
        [p.value for p in pairs], [p.weight for p in pairs], resamples=1999
    )
    if interval is None:
        return {"reason": "nothing to count in this period"}
    return {"low": round(interval.low, 4), "high": round(interval.high, 4), "workspaces": len(pairs)}


def about_pairs(metric: Metric, chosen: Selection, limit: int) -> Lookup:
    """Return the lookup of value and weight of each workspace behind a number."""
    return about_rows("metric_by_workspace", metric, chosen, {"limit": limit})


def _ratio(db: Connection, metric: Metric, chosen: Selection) -> dict[str, Any]:
    """Return the interval of a share in which a workspace counts several times."""
    pairs = about_pairs(metric, chosen, LARGEST_FIT).answer(db)
    interval = estimates.share_by_workspace([p.value for p in pairs], [p.weight for p in pairs])
    if interval is None:
        return {"reason": "nothing to count in this period"}
    return {
        "low": round(100 * interval.low, 1),
        "high": round(100 * interval.high, 1),
        "workspaces": len(pairs),
    }


def _slow_mean(db: Connection, metric: Metric, chosen: Selection) -> dict[str, Any]:
    """Return a mean by currency over workspaces that count once in the period, which daily sums cannot give."""
    results = {}
    for total in totals(db, metric, chosen, "currency"):
        if total.part and total.weight:
            interval = _mean(db, metric, replace(chosen, currency=total.part))
            value, n = round(float(total.value) / total.weight, 4), min(total.n, total.weight)
            results[total.part] = {
                "value": value,
                "n": n,
                "low": interval.get("low"),
                "high": interval.get("high"),
            }
    return {"n": 0, "reason": "nothing to count in this period", "currencies": results}


def _curve(metric: Metric, results: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    durations, causes = [float(row["value"]) for row in results], [int(row["weight"]) for row in results]
    curve = estimates.incidence(durations, causes)
    if curve is None:
        return {"reason": "no limit hits in this period", "n": 0}
    days = [day / 2 for day in range(2 * CURVE_DAYS + 1)]
    at_days = [estimates.value_at(curve, day) for day in days]
    drawn = {
        "days": days,
        "value": [round(100 * v[0], 2) for v in at_days],
        "low": [round(100 * v[1], 2) for v in at_days],
        "high": [round(100 * v[2], 2) for v in at_days],
        "at_risk": [sum(duration >= day for duration in durations) for day in range(0, CURVE_DAYS + 1, 10)],
        "seen_days": round(max(durations), 2),
    }
    if metric.estimate == "time-to-half":
        half = estimates.quantile(curve, 0.5)
        if half is None:
            reason = "not reached: fewer than half have bought so far"
            return {"value": None, "n": len(results), "reason": reason, "curve": drawn}
        low, high = (None if day is None else round(day, 2) for day in estimates.quantile_bounds(curve, 0.5))
        return {"value": round(half, 2), "low": low, "high": high, "n": len(results), "curve": drawn}
    by_then = estimates.share_by(curve, durations, causes, WINDOW_DAYS)
    if by_then is None:
        reason = "nobody in this period has been watched for 14 days yet"
        return {"value": None, "n": len(results), "reason": reason, "curve": drawn}
    return {
        "value": round(100 * by_then.value, 1),
        "low": round(100 * by_then.low, 1),
        "high": round(100 * by_then.high, 1),
        "n": len(results),
        "curve": drawn,
    }


def _rows(db: Connection, metric: Metric, chosen: Selection, limit: int) -> list[dict[str, Any]]:
    return rows(
        db,
        metric.slug,
        start=chosen.start,
        end=chosen.end,
        as_of=chosen.as_of,
        source=chosen.source,
        plan=chosen.plan,
        billing_cycle=chosen.billing_cycle,
        attributes=chosen.attributes,
        timezone=chosen.timezone,
        limit=limit,
    )


def _key(slug: str, chosen: Selection) -> dict[str, Any]:
    return {
        "metric": slug,
        "source": chosen.source,
        "plan": chosen.plan or "",
        "billing_cycle": chosen.billing_cycle or "",
        "attributes": chosen.attributes_json or "",
        "start": chosen.start,
        "end": chosen.end,
    }
