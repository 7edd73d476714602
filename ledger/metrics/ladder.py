"""Does buying make workspaces stay? The highest rung that the data support answers; otherwise nobody does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from ledger import estimates
from ledger.metrics.arms import LEAST_PER_GROUP, Rows, compare, followed, stayed

if TYPE_CHECKING:
    from ledger.experiments.holdouts import HoldOut

LEAST_EVENTS = 20
LARGEST_SAMPLE = 8_000
COVARIATES = ("tenure_days", "minutes_before", "minutes_per_day_before", "pro", "annual")
Cells = Sequence[tuple[int, int, datetime, str]]
"""Still there after 90 days, hit the limit or came near it, when, and who."""
RUNGS = ("hold-out", "difference-in-differences", "time-varying Cox model", "matched landmark")


def climb(
    hits: Rows,
    near: Rows,
    launch: datetime | None,
    *,
    as_of: datetime,
    hold_outs: Sequence[HoldOut] = (),
) -> dict[str, Any]:
    """Try each rung over periods from the first limit hit (`value` days, `weight` 1 when left) and near-hits.

    Returns value, low, high and n of the highest rung that stands, its name in `basis`, all `rungs` with the reason
    where one does not stand, the curve of staying, and the naive comparison with its bias. Effects are percentage
    points of 90-day retention, of the Cox model percent fewer departures.
    """
    held_out = _hold_out(hits, hold_outs, as_of)
    hits, near = _sample(hits), _sample(near)
    cells = _cells(hits, near, as_of)
    rungs = [
        held_out,
        _launch(cells, launch),
        _cox(hits),
        _landmark([row for row in hits if followed(row, as_of)]),
    ]
    standing = next((rung for rung in rungs if rung["value"] is not None), None)
    answer = dict(standing) if standing else {"value": None, "low": None, "high": None, "n": len(hits)}
    return {
        **{name: answer.get(name) for name in ("value", "low", "high", "n")},
        "basis": answer.get("rung"),
        "reason": None if standing else "not identifiable from the present data",
        "rungs": rungs,
        "staying": _staying(hits),
        "naive": _naive([row for row in hits if followed(row, as_of)]),
        "event_study": _event_study(cells, launch),
    }


def _sample(rows: Rows) -> Rows:
    """Every k-th row, in the order of time, where there are more than a model can be fitted to in seconds."""
    return rows[:: max(1, -(-len(rows) // LARGEST_SAMPLE))]


def _rung(name: str, effect: Any | None, reason: str, *, scale: float = 100.0) -> dict[str, Any]:
    if effect is None:
        return {"rung": name, "value": None, "low": None, "high": None, "n": 0, "reason": reason}
    return {
        "rung": name,
        "value": round(scale * effect.value, 1),
        "low": round(scale * effect.low, 1),
        "high": round(scale * effect.high, 1),
        "n": effect.n,
        "reason": None,
        "balance": [list(line) for line in effect.balance],
    }


def _hold_out(hits: Rows, hold_outs: Sequence[HoldOut], as_of: datetime) -> dict[str, Any]:
    effect, told = compare(hits, hold_outs, as_of)
    return {**_rung(RUNGS[0], effect, told["reason"]), "hold_out": told["hold_out"], "arms": told["arms"]}


def _cells(hits: Rows, near: Rows, as_of: datetime) -> Cells:
    return [
        (stayed(row), group, row["at"], row["workspace_id"])
        for group, rows in ((1, hits), (0, near))
        for row in rows
        if followed(row, as_of)
    ]


def _launch(cells: Cells, launch: datetime | None) -> dict[str, Any]:
    if launch is None:
        return _rung(RUNGS[1], None, "no launch is marked: add an annotation of kind launch")
    counts = {
        (hit, after): sum(1 for _k, h, at, _w in cells if h == hit and (at >= launch) == bool(after))
        for hit in (0, 1)
        for after in (0, 1)
    }
    if min(counts.values()) < LEAST_PER_GROUP:
        return _rung(
            RUNGS[1],
            None,
            f"fewer than {LEAST_PER_GROUP} workspaces in one of the four groups around the launch",
        )
    if estimates.drifts_apart([effect for period, effect in _periods(cells, launch) if period < 0]):
        return _rung(RUNGS[1], None, "hitters and near-hitters were drifting apart before the launch already")
    kept, hit, at, who = zip(*cells, strict=True)
    effect = estimates.difference_in_differences(kept, hit, [int(moment >= launch) for moment in at], who)
    return _rung(RUNGS[1], effect, "the four groups around the launch do not vary")


def _periods(cells: Cells, launch: datetime | None) -> list[tuple[int, estimates.Effect]]:
    """The hitters' lead by 30 days around the launch."""
    if launch is None or not cells:
        return []
    kept, hit, at, who = zip(*cells, strict=True)
    return estimates.event_study(kept, hit, [(moment - launch).days // 30 for moment in at], who)


def _event_study(cells: Cells, launch: datetime | None) -> list[dict[str, Any]]:
    return [
        {
            "period": period,
            **{name: round(100 * getattr(effect, name), 1) for name in ("value", "low", "high")},
            "n": effect.n,
        }
        for period, effect in _periods(cells, launch)
    ]


def _covariates(row: Mapping[str, Any]) -> list[float]:
    return [
        float(row["tenure_days"]),
        float(row["minutes_before"]),
        float(row["minutes_per_day_before"]),
        float(row["plan"] == "pro"),
        float(row["billing_cycle"] == "annual"),
    ]


def _telling(columns: list[list[float]]) -> list[int]:
    """The covariates that say something of their own: neither constant nor a mixture of those before them."""
    if not columns:
        return []
    values = np.asarray(columns, float)
    kept: list[int] = []
    for i in range(values.shape[1]):
        tried = values[:, [*kept, i]]
        spread = tried.std(axis=0)
        if (spread > 0).all() and np.linalg.matrix_rank(
            (tried - tried.mean(axis=0)) / spread, tol=1e-6
        ) == len(kept) + 1:
            kept.append(i)
    return kept


def _standardised(columns: list[list[float]], kept: list[int]) -> list[list[float]]:
    """The kept covariates in units of their own spread, so that no scale drowns the others."""
    if not kept:
        return [[] for _line in columns]
    values = np.asarray(columns, float)[:, kept]
    scaled: list[list[float]] = ((values - values.mean(axis=0)) / values.std(axis=0)).tolist()
    return scaled


def _cox(hits: Rows) -> dict[str, Any]:
    if sum(int(row["weight"]) for row in hits) < LEAST_EVENTS:
        return _rung(RUNGS[2], None, f"fewer than {LEAST_EVENTS} workspaces have left")
    columns = [_covariates(row) for row in hits]
    fixed = _standardised(columns, _telling(columns))
    lines: list[tuple[float, float, int, list[float]]] = []
    for row, covariates in zip(hits, fixed, strict=True):
        end, left, bought = float(row["value"]), int(row["weight"]), row["bought_after_days"]
        if bought is None or float(bought) >= end:
            lines.append((0.0, end, left, [0.0, *covariates]))
        else:
            lines.append((0.0, float(bought), 0, [0.0, *covariates]))
            lines.append((float(bought), end, left, [1.0, *covariates]))
    start, stop, event, exposed = (list(column) for column in zip(*lines, strict=True))
    found = estimates.time_varying_hazards(start, stop, event, exposed)
    if found is None:
        return _rung(RUNGS[2], None, "the model does not converge on these data")
    bought_yet = found[0]
    effect = estimates.Effect(1 - bought_yet.ratio, 1 - bought_yet.high, 1 - bought_yet.low, len(hits))
    return {**_rung(RUNGS[2], effect, ""), "hazard": asdict(bought_yet)}


def _landmark(hits: Rows) -> dict[str, Any]:
    columns = [_covariates(row) for row in hits]
    chosen = _telling(columns)
    effect = estimates.matched_landmark(
        [float(row["value"]) for row in hits],
        [int(row["weight"]) for row in hits],
        [None if row["bought_after_days"] is None else float(row["bought_after_days"]) for row in hits],
        [[line[i] for i in chosen] for line in columns],
        [COVARIATES[i] for i in chosen],
    )
    if effect is not None and any(
        after >= estimates.BALANCE_BOUND for _name, _before, after in effect.balance
    ):
        return _rung(RUNGS[3], None, "buyers and their nearest others still differ before the hit")
    return _rung(
        RUNGS[3],
        effect,
        "fewer than 20 buyers have a comparable workspace that did not buy, or none of the pairs differs",
    )


def _staying(hits: Rows) -> dict[str, Any]:
    curve = estimates.survival([float(row["value"]) for row in hits], [int(row["weight"]) for row in hits])
    if curve is None:
        return {}
    days = list(range(0, 181, 2))
    points = [estimates.value_at(curve, day) for day in days]
    seen = max(float(row["value"]) for row in hits)
    return {
        "days": days,
        **{
            name: [round(100 * point[i], 2) for point in points]
            for i, name in enumerate(("value", "low", "high"))
        },
        "seen_days": round(seen, 2),
        "n": len(hits),
    }


def _naive(known: Rows) -> dict[str, Any]:
    """Buyers against others, as it is usually done: shown only to say why it is wrong."""
    buyers = [stayed(row) for row in known if row["bought_after_days"] is not None]
    others = [stayed(row) for row in known if row["bought_after_days"] is None]
    return {
        "buyers": round(100 * sum(buyers) / len(buyers), 1) if buyers else None,
        "others": round(100 * sum(others) / len(others), 1) if others else None,
        "n_buyers": len(buyers),
        "n_others": len(others),
    }
