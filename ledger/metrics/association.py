"""Buying and staying, adjusted for facts known before the limit hit: an association, since buyers chose to buy."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from ledger import estimates
from ledger.metrics.arms import Rows
from ledger.metrics.levels import LEVELS, level

LEAST_EVENTS = 20
LAGS_DAYS = (0, 14, 30)
"""A buyer counts as one only so long after the purchase: those who mean to leave stop buying first."""
ROUNDING = 1e-9
"""A column that varies less is constant, but for the rounding of logarithms."""
Columns = dict[str, list[float]]


def cox_model(hits: Rows) -> dict[str, Any]:
    """Return the third level: percent fewer departures from the purchase on, with its sensitivity and E-value.

    `sensitivity`: the same when a buyer counts as one only some days after the purchase.
    """
    if sum(int(row["weight"]) for row in hits) < LEAST_EVENTS:
        return level(LEVELS[2], None, f"fewer than {LEAST_EVENTS} workspaces have left")
    retained, columns, dropped = _separated(hits)
    fixed = _standardised(_informative(columns), len(retained))
    fits = {days: _hazard(retained, fixed, days) for days in LAGS_DAYS}
    hazard = fits[0]
    if hazard is None:
        return level(LEVELS[2], None, "the model does not converge on these data")
    strength = estimates.e_value(
        estimates.risk_ratio_of(hazard.ratio), estimates.risk_ratio_of(_nearer_to_one(hazard))
    )
    return {
        **level(LEVELS[2], _fewer(hazard, len(retained)), ""),
        "hazard": asdict(hazard),
        "left_out": dropped,
        "sensitivity": [
            {
                "lag_days": days,
                **{
                    name: level(LEVELS[2], _fewer(one, len(retained)), "")[name]
                    for name in ("value", "low", "high")
                },
            }
            for days, one in fits.items()
            if one is not None
        ],
        **_explained(strength),
    }


def _fewer(hazard: estimates.Hazard, n: int) -> estimates.Effect:
    return estimates.Effect(1 - hazard.ratio, 1 - hazard.high, 1 - hazard.low, n)


def _nearer_to_one(hazard: estimates.Hazard) -> float:
    return min(hazard.high, 1.0) if hazard.ratio < 1 else max(hazard.low, 1.0)


def _explained(strength: tuple[float, float]) -> dict[str, Any]:
    """Return the E-value and its meaning in a sentence."""
    value, bound = (round(one, 1) if math.isfinite(one) else None for one in strength)
    if bound == 1.0:
        why = "Chance alone explains it: the interval holds no difference."
    else:
        why = (
            f"Something unknown that makes both buying and staying {value} times likelier would explain all of it; "
            f"{bound} times would be enough to leave no difference."
        )
    return {"e_value": value, "e_value_bound": bound, "why_not_an_effect": f"Buyers chose to buy. {why}"}


def _hazard(hits: Rows, fixed: Sequence[Sequence[float]], lag_days: int) -> estimates.Hazard | None:
    lines: list[tuple[float, float, int, list[float]]] = []
    for row, covariates in zip(hits, fixed, strict=True):
        end, left = float(row["value"]), int(row["weight"])
        bought = math.inf if row["bought_after_days"] is None else float(row["bought_after_days"]) + lag_days
        if bought >= end:
            lines.append((0.0, end, left, [0.0, *covariates]))
        else:
            lines.append((0.0, bought, 0, [0.0, *covariates]))
            lines.append((bought, end, left, [1.0, *covariates]))
    start, stop, event, exposed = (list(column) for column in zip(*lines, strict=True))
    results = estimates.time_varying_hazards(start, stop, event, exposed)
    return results[0] if results else None


def covariates(hits: Rows) -> Columns:
    """Return the covariates of each workspace at its limit hit, by name; minutes as logarithms."""
    plans = [str(row["plan"]) for row in hits]
    others = [plan for plan, _count in Counter(plans).most_common()[1:]]
    return {
        "tenure_days": [float(row["tenure_days"]) for row in hits],
        "minutes_before": [math.log1p(max(0.0, float(row["minutes_before"]))) for row in hits],
        "minutes_per_day_before": [
            math.log1p(max(0.0, float(row["minutes_per_day_before"]))) for row in hits
        ],
        **{f"plan {plan}": [float(one == plan) for one in plans] for plan in sorted(others)},
        "annual": [float(row["billing_cycle"] == "annual") for row in hits],
    }


def _separated(hits: Rows) -> tuple[Rows, Columns, list[str]]:
    """Leave out kinds of workspaces of which none left, or all did: no model can bound their columns.

    What is left says the same about buying, because such a group has no part in any comparison.
    """
    retained, dropped = list(hits), []
    for name, values in covariates(hits).items():
        if set(values) <= {0.0, 1.0}:
            of_kind = {id(row): value for row, value in zip(hits, values, strict=True)}
            left = {of_kind[id(row)] for row in retained if row["weight"]}
            there = {of_kind[id(row)] for row in retained}
            if len(there) > 1 and len(left) == 1:
                retained = [row for row in retained if of_kind[id(row)] in left]
                dropped.append(name)
    return retained, covariates(retained), dropped


def _informative(columns: Columns) -> Columns:
    """Return the informative covariates: neither constant nor a linear combination of earlier ones."""
    chosen: Columns = {}
    for name, values in columns.items():
        tried = np.asarray([*chosen.values(), values], float).T
        spread = tried.std(axis=0)
        if (spread > ROUNDING).all() and np.linalg.matrix_rank(
            (tried - tried.mean(axis=0)) / spread, tol=1e-6
        ) == tried.shape[1]:
            chosen[name] = values
    return chosen


def _standardised(columns: Columns, lines: int) -> list[list[float]]:
    """Return one row per workspace, each column divided by its standard deviation."""
    if not columns:
        return [[] for _line in range(lines)]
    values = np.asarray(list(columns.values()), float).T
    scaled: list[list[float]] = ((values - values.mean(axis=0)) / values.std(axis=0)).tolist()
    return scaled


def matched_pairs(hits: Rows) -> dict[str, Any]:
    """Return the fourth level: buyers by day 14 against their nearest matches, in points of 90-day retention."""
    columns = _informative(covariates(hits)) if hits else {}
    effect = estimates.matched_landmark(
        [float(row["value"]) for row in hits],
        [int(row["weight"]) for row in hits],
        [None if row["bought_after_days"] is None else float(row["bought_after_days"]) for row in hits],
        [list(line) for line in zip(*columns.values(), strict=True)] if columns else [[] for _row in hits],
        list(columns),
    )
    if effect is not None and any(
        after >= estimates.BALANCE_BOUND for _name, _before, after in effect.balance
    ):
        return level(LEVELS[3], None, "buyers and their nearest others still differ before the hit")
    reason = "fewer than 20 buyers have a comparable workspace that did not buy, or none of the pairs differs"
    if effect is None:
        return level(LEVELS[3], None, reason)
    return {**level(LEVELS[3], effect, None), **_explained(_strength(effect))}


def _strength(effect: estimates.Effect) -> tuple[float, float]:
    """Return the E-values of a difference of shares, by the risk of leaving of buyers against the others."""
    leaving = 1 - (effect.base or 0.0)
    nearer = effect.low if effect.value > 0 else effect.high
    ratio, bound = (_share(leaving - gap) / _share(leaving) for gap in (effect.value, nearer))
    return estimates.e_value(ratio, bound)


def _share(value: float) -> float:
    return min(1.0, max(value, 1e-6))
