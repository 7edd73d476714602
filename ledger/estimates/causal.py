"""Causal effects: hold-out, difference-in-differences, matched landmark.

Input is shares, output is differences of shares (0.10 = ten points). Each function returns None when its design
does not hold on the data, because the result would be a naive comparison.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.stats import norm
from statsmodels.regression.linear_model import OLS

from ledger.estimates.proportions import difference
from ledger.estimates.survival import Z95

BALANCE_BOUND = 0.1
CALIPER = 0.2
LARGEST_MATCH = 500
NO_SPREAD = 1e-9
"""A standard error below this is rounding: without variation, the effect's certainty is unknown."""
LEAST_IN_CELL = 10
"""Minimum number of workspaces on each side of a period for an estimate."""


@dataclass(frozen=True)
class Effect:
    """A difference of retained shares with its 95% interval, from `n` workspaces. `base`: the other share."""

    value: float
    low: float
    high: float
    n: int
    balance: tuple[tuple[str, float, float], ...] = ()
    base: float | None = None


def hold_out(stayed_treatment: int, treatment: int, stayed_control: int, control: int) -> Effect | None:
    """Return the treatment's retained share minus the control's (intention to treat)."""
    results = difference(stayed_treatment, treatment, stayed_control, control)
    if results is None:
        return None
    return Effect(results.value, results.low, results.high, treatment + control)


def difference_in_differences(
    retained: Sequence[int], hitter: Sequence[int], after: Sequence[int], workspaces: Sequence[object]
) -> Effect | None:
    """Return how much more the hitters' share changed at the launch than that of workspaces just below the limit.

    Errors are clustered by workspace. Return None when one of the four groups is empty or without variation.
    """
    y = np.asarray(retained, float)
    hit, late = np.asarray(hitter, float), np.asarray(after, float)
    if len({(h, p) for h, p in zip(hit.tolist(), late.tolist(), strict=True)}) < 4:
        return None

    return _last_coefficient(y, np.column_stack([np.ones_like(y), hit, late, hit * late]), workspaces)


def launch_effect(
    retained: Sequence[int],
    hitter: Sequence[int],
    months: Sequence[float],
    workspaces: Sequence[object],
) -> Effect | None:
    """Return the jump of the hitters' lead over near-hitters at a launch, adjusted for a continuing drift.

    `months`: time since the launch, negative before it. The lead may drift along a straight line of its own, before and
    after alike, so the interval is wider than that of a plain difference in differences, which takes every drift for an
    effect. Errors are clustered by workspace. None when one of the four groups is empty, or where nothing varies.
    """
    y, hit, time = (np.asarray(column, float) for column in (retained, hitter, months))
    late = (time >= 0).astype(float)
    if len({(h, p) for h, p in zip(hit.tolist(), late.tolist(), strict=True)}) < 4:
        return None

    design = np.column_stack([np.ones_like(y), hit, late, time, hit * time, hit * late])
    if np.linalg.matrix_rank(design) < design.shape[1]:
        return None
    return _last_coefficient(y, design, workspaces)


def _last_coefficient(y: np.ndarray, design: np.ndarray, workspaces: Sequence[object]) -> Effect | None:
    """Return the coefficient of the last column, with errors clustered by workspace; None where nothing varies."""
    clusters = np.unique(np.asarray(workspaces, dtype=str), return_inverse=True)[1]
    fitted = OLS(y, design).fit(
        cov_type="cluster", cov_kwds={"groups": clusters, "use_correction": False}, use_t=False
    )
    value, error = float(fitted.params[-1]), float(fitted.bse[-1])
    if not error > NO_SPREAD:
        return None
    return Effect(value, value - Z95 * error, value + Z95 * error, len(set(clusters.tolist())))


def e_value(ratio: float, bound: float) -> tuple[float, float]:
    """Return how strong a hidden cause would have to be to explain a risk ratio, and to move its interval to no effect.

    `bound`: the end of the interval nearer to 1. The strength is a risk ratio, of the cause with buying and staying
    alike (VanderWeele and Ding 2017); 1 where the interval holds "no effect" already.
    """
    strength = _e_value(ratio)
    return strength, 1.0 if (ratio - 1) * (bound - 1) <= 0 else _e_value(bound)


def _e_value(ratio: float) -> float:
    above: float = max(ratio, 1 / ratio) if ratio > 0 else math.inf
    return above + math.sqrt(above * (above - 1)) if math.isfinite(above) else math.inf


def risk_ratio_of(hazard_ratio: float) -> float:
    """Return the risk ratio that a hazard ratio stands for where the outcome is common (VanderWeele 2020)."""
    return float((1 - 0.5 ** math.sqrt(hazard_ratio)) / (1 - 0.5 ** math.sqrt(1 / hazard_ratio)))


def drifts_apart(before: Sequence[Effect]) -> bool:
    """Return whether the periods before a launch, tested jointly (Bonferroni), differ by more than chance."""
    bound = float(norm.isf(0.025 / max(1, len(before))))
    return any(abs(one.value) > bound * (one.high - one.low) / (2 * Z95) for one in before)


def event_study(
    retained: Sequence[int], hitter: Sequence[int], period: Sequence[int], workspaces: Sequence[object]
) -> list[tuple[int, Effect]]:
    """Return, per period, the hitters' lead over near-hitters relative to period -1 (the last before the launch).

    Before the launch every interval should hold 0; where one does not, the two groups were already
    drifting apart and the difference-in-differences can't be trusted. A period is left out where it, or period
    -1, has fewer than LEAST_IN_CELL hitters or near-hitters.
    """
    periods, hit = np.asarray(period, int), np.asarray(hitter, int)
    large = {
        which
        for which in set(periods.tolist())
        if all(((periods == which) & (hit == group)).sum() >= LEAST_IN_CELL for group in (0, 1))
    }
    results = []
    for which in sorted(large - {-1}) if -1 in large else []:
        chosen = (periods == which) | (periods == -1)
        effect = difference_in_differences(
            np.asarray(retained)[chosen].tolist(),
            np.asarray(hitter)[chosen].tolist(),
            (periods[chosen] == which).astype(int).tolist(),
            np.asarray(workspaces, dtype=str)[chosen].tolist(),
        )
        if effect is not None:
            results.append((which, effect))
    return results


def standardised_differences(treated: np.ndarray, control: np.ndarray) -> np.ndarray:
    """Return, per column, the difference of means over the pooled standard deviation; 0 without variation."""
    spread = np.sqrt((treated.var(axis=0, ddof=1) + control.var(axis=0, ddof=1)) / 2)
    gap = treated.mean(axis=0) - control.mean(axis=0)
    return np.asarray(np.abs(np.divide(gap, spread, out=np.zeros_like(gap), where=spread > 0)))


def _pairs(treated: np.ndarray, control: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return nearest pairs without replacement in which each column differs by at most the caliper (in SDs)."""
    everyone = np.vstack([treated, control])
    spread = everyone.std(axis=0)
    spread[spread == 0] = 1.0
    gaps = np.abs(treated[:, None, :] - control[None, :, :]) / spread
    cost = np.where((gaps <= CALIPER).all(axis=2), gaps.sum(axis=2), 1e6)
    rows, columns = linear_sum_assignment(cost)
    close = cost[rows, columns] < 1e6
    return rows[close], columns[close]


def matched_landmark(
    durations: Sequence[float],
    ended: Sequence[int],
    bought_at: Sequence[float | None],
    columns: Sequence[Sequence[float]],
    names: Sequence[str],
    *,
    landmark: float = 14.0,
    horizon: float = 90.0,
) -> Effect | None:
    """Return the retained share at `horizon` of buyers by `landmark`, minus that of their nearest non-buyers.

    Only workspaces present at the landmark and observed until the horizon count; what
    happens after the landmark does not change who is a buyer. The caller must leave out workspaces that began less
    than `horizon` ago: only their leavers are known. Return None without 20 pairs that vary; the effect carries
    the balance table (name, standardised difference before, after), to be below 0.1 after.
    """
    days, gone = np.asarray(durations, float), np.asarray(ended, int) == 1
    bought = np.array([b is not None and b < landmark for b in bought_at], bool)
    known = (days > landmark) & (gone | (days >= horizon))
    there = (days >= horizon).astype(float)
    values = np.asarray(columns, float)
    buyers, others = np.flatnonzero(known & bought), np.flatnonzero(known & ~bought)
    if len(buyers) < 20 or len(others) < 20:
        return None
    choose = np.random.default_rng(1)
    buyers = choose.permutation(buyers)[:LARGEST_MATCH]
    others = choose.permutation(others)[: 3 * LARGEST_MATCH]
    first, second = _pairs(values[buyers], values[others])
    if len(first) < 20:
        return None
    before = standardised_differences(values[buyers], values[others])
    after = standardised_differences(values[buyers[first]], values[others[second]])
    gaps = there[buyers[first]] - there[others[second]]
    error, value = float(gaps.std(ddof=1) / np.sqrt(len(gaps))), float(gaps.mean())
    balance = tuple(zip(names, before.tolist(), after.tolist(), strict=True))
    if not error > NO_SPREAD:
        return None
    base = float(there[others[second]].mean())
    return Effect(value, value - Z95 * error, value + Z95 * error, 2 * len(gaps), balance, base)
