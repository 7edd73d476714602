"""Does buying make workspaces stay? Of four levels of evidence, the highest supported one provides the number.

Only the first two measure an effect: a hold-out is randomized, and a launch compares the same groups before and
after. The other two adjust for known workspace traits, but buyers chose to buy: they are associations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ledger import estimates
from ledger.metrics.arms import LEAST_PER_GROUP, Rows, compare, followed, stayed
from ledger.metrics.association import cox_model, matched_pairs
from ledger.metrics.levels import LEVELS, level

if TYPE_CHECKING:
    from ledger.experiments.holdouts import HoldOut

LARGEST_SAMPLE = 8_000
Cells = Sequence[tuple[int, int, datetime, str]]
"""Whether it stayed 90 days, whether it hit the limit or came near it, when, and the workspace."""
DAYS_A_PERIOD = 30
PERIODS_OF_A_TREND = 2
"""Periods before the launch, besides the last one, that an existing drift is extrapolated from."""


def weigh_evidence(
    hits: Rows,
    near: Rows,
    launch: datetime | None,
    *,
    as_of: datetime,
    hold_outs: Sequence[HoldOut] = (),
) -> dict[str, Any]:
    """Return each level's result for the time since the first limit hit (`value` days, `weight` 1: left).

    The result has value, low, high, n, unit and kind (`effect` or `adjusted association`) of the highest level that
    holds, its name in `basis`, all `levels` with the reason when one does not hold, the retention curve, and the
    naive comparison with its bias. `near`: those who came near the limit only.
    """
    randomized = hold_out_level(hits, hold_outs, as_of)
    hits, near = _sample(hits), _sample(near)
    cells = _cells(hits, near, as_of)
    known = [row for row in hits if followed(row, as_of)]
    levels = [randomized, _launch(cells, launch), cox_model(hits), matched_pairs(known)]
    standing = next((one for one in levels if one["value"] is not None), None)
    answer = standing or {"value": None, "low": None, "high": None, "n": len(hits)}
    return {
        **{name: answer.get(name) for name in ("value", "low", "high", "n", "unit", "kind")},
        "basis": answer.get("level"),
        "reason": None if standing else "not identifiable from the present data",
        "levels": levels,
        "staying": _staying(hits),
        "naive": _naive(known),
        "event_study": _event_study(cells, launch),
    }


def _sample(rows: Rows) -> Rows:
    """Return every k-th row in time order if there are too many to fit a model in seconds."""
    return rows[:: max(1, -(-len(rows) // LARGEST_SAMPLE))]


def hold_out_level(hits: Rows, hold_outs: Sequence[HoldOut], as_of: datetime) -> dict[str, Any]:
    """Return the first level: points of 90-day retention of the arm that sees the offer over the one that does not."""
    effect, results = compare(hits, hold_outs, as_of)
    return {
        **level(LEVELS[0], effect, results["reason"]),
        "hold_out": results["hold_out"],
        "arms": results["arms"],
    }


def launch_level(hits: Rows, near: Rows, launch: datetime | None, as_of: datetime) -> dict[str, Any]:
    """Return the second level: what a launch moved hitters by, in points over near-hitters and their own drift."""
    return _launch(_cells(hits, near, as_of), launch)


def _cells(hits: Rows, near: Rows, as_of: datetime) -> Cells:
    return [
        (stayed(row), group, row["at"], row["workspace_id"])
        for group, rows in ((1, hits), (0, near))
        for row in rows
        if followed(row, as_of)
    ]


def _launch(cells: Cells, launch: datetime | None) -> dict[str, Any]:
    if launch is None:
        return level(LEVELS[1], None, "no launch is marked: add an annotation of type launch")
    counts = {
        (hit, after): sum(1 for _k, h, at, _w in cells if h == hit and (at >= launch) == bool(after))
        for hit in (0, 1)
        for after in (0, 1)
    }
    if min(counts.values()) < LEAST_PER_GROUP:
        reason = f"fewer than {LEAST_PER_GROUP} workspaces in one of the four groups around the launch"
        return level(LEVELS[1], None, reason)
    before = [effect for period, effect in _periods(cells, launch) if period < 0]
    if estimates.drifts_apart(before):
        reason = "hitters and near-hitters were already drifting apart before the launch"
        return level(LEVELS[1], None, reason)
    retained, hit, at, who = zip(*cells, strict=True)
    if len(before) < PERIODS_OF_A_TREND:
        effect = estimates.difference_in_differences(
            retained, hit, [int(moment >= launch) for moment in at], who
        )
    else:
        months = [(moment - launch).total_seconds() / 86_400 / DAYS_A_PERIOD for moment in at]
        effect = estimates.launch_effect(retained, hit, months, who)
    return level(LEVELS[1], effect, "the four groups around the launch do not vary")


def _periods(cells: Cells, launch: datetime | None) -> list[tuple[int, estimates.Effect]]:
    """Return the hitters' lead over near-hitters by 30 days around the launch."""
    if launch is None or not cells:
        return []
    retained, hit, at, who = zip(*cells, strict=True)
    return estimates.event_study(
        retained, hit, [(moment - launch).days // DAYS_A_PERIOD for moment in at], who
    )


def _event_study(cells: Cells, launch: datetime | None) -> list[dict[str, Any]]:
    return [
        {
            "period": period,
            **{name: round(100 * getattr(effect, name), 1) for name in ("value", "low", "high")},
            "n": effect.n,
        }
        for period, effect in _periods(cells, launch)
    ]


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


def _naive(known: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the usual comparison of buyers with others, shown only to explain why it is wrong."""
    buyers = [stayed(row) for row in known if row["bought_after_days"] is not None]
    others = [stayed(row) for row in known if row["bought_after_days"] is None]
    return {
        "buyers": round(100 * sum(buyers) / len(buyers), 1) if buyers else None,
        "others": round(100 * sum(others) / len(others), 1) if others else None,
        "n_buyers": len(buyers),
        "n_others": len(others),
    }
