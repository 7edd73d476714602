"""Shares and their intervals: Wilson for one share, Newcombe for the difference of two."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm
from statsmodels.stats.proportion import (
    confint_proportions_2indep,
    proportion_confint,
    proportion_effectsize,
)


@dataclass(frozen=True)
class Interval:
    """A number with its 95% interval, in the number's own unit."""

    value: float
    low: float
    high: float


def share(successes: int, n: int) -> Interval | None:
    """Return the share `successes / n` with its Wilson interval, all between 0 and 1; None when n is 0."""
    if n == 0:
        return None

    low, high = proportion_confint(successes, n, method="wilson")
    return Interval(successes / n, max(0.0, float(low)), min(1.0, float(high)))


def share_by_workspace(successes: Sequence[float], counts: Sequence[int]) -> Interval | None:
    """Return the pooled share of several tries per workspace; None when there are none.

    Tries of one workspace are correlated, so they carry less information than tries of different ones. The interval is
    Wilson's for the number of independent tries that would vary as much (Kish's design effect, never below 1); where
    all tries end alike, for the number of workspaces.

    Not `ledger.pricing.alike.design_effect`: a share may stand on few workspaces, so both variances are corrected for
    their number, which that function, made for sums of pairs over thousands of workspaces, does not know.
    """
    won, tried = np.asarray(successes, float), np.asarray(counts, float)
    won, tried = won[tried > 0], tried[tried > 0]
    if len(tried) == 0:
        return None

    n, workspaces = float(tried.sum()), len(tried)
    value = float(won.sum()) / n
    independent = float(workspaces)
    if 0 < value < 1 and workspaces > 1:
        spread = float(((won - value * tried) ** 2).sum()) * workspaces / (workspaces - 1)
        independent = n / max(1.0, spread / (value * (1 - value) * n * n / (n - 1)))
    low, high = proportion_confint(value * independent, independent, method="wilson")
    return Interval(value, max(0.0, float(low)), min(1.0, float(high)))


def difference(successes_1: float, n_1: float, successes_2: float, n_2: float) -> Interval | None:
    """Return share 1 minus share 2 with Newcombe's hybrid score interval; None when a group is empty.

    Counts are whole, or effective sizes when observations are correlated.
    """
    if n_1 == 0 or n_2 == 0:
        return None

    low, high = confint_proportions_2indep(successes_1, n_1, successes_2, n_2, method="newcomb")
    return Interval(successes_1 / n_1 - successes_2 / n_2, float(low), float(high))


def hits_per_arm(
    base_share: float, target_share: float, *, power: float = 0.8, alpha: float = 0.05, ratio: float = 1.0
) -> int:
    """Return the limit hits that the smaller arm of a test needs to detect `target_share` versus `base_share`.

    `ratio`: size of the other arm as a multiple. Two-sided test at `alpha`, normal approximation of Cohen's
    effect size; an effect so large that it shows on the wrong side is not counted on.
    Raise ValueError unless both shares lie strictly between 0 and 1 and differ, and so do power and alpha.
    """
    if not (0 < base_share < 1 and 0 < target_share < 1) or base_share == target_share:
        raise ValueError("two different shares between 0 and 1 are needed")
    if not (0 < power < 1 and 0 < alpha < 1 and ratio > 0):
        raise ValueError("power and significance between 0 and 1, and a ratio above 0 are needed")

    size = proportion_effectsize(target_share, base_share)
    quantiles = norm.ppf(1 - alpha / 2) + norm.ppf(power)
    needed = float((1 + 1 / ratio) * (quantiles / size) ** 2)
    return max(math.ceil(needed), 1)
