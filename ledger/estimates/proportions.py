"""Shares and their intervals: Wilson for one share, Newcombe for the difference of two."""

from __future__ import annotations

import math
from dataclasses import dataclass

from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import (
    confint_proportions_2indep,
    proportion_confint,
    proportion_effectsize,
)


@dataclass(frozen=True)
class Interval:
    """A number with its 95 % interval, in the number's own unit."""

    value: float
    low: float
    high: float


def share(successes: int, n: int) -> Interval | None:
    """The share `successes / n` with its Wilson interval, all between 0 and 1; None when n is 0."""
    if n == 0:
        return None

    low, high = proportion_confint(successes, n, method="wilson")
    return Interval(successes / n, max(0.0, float(low)), min(1.0, float(high)))


def difference(successes_1: int, n_1: int, successes_2: int, n_2: int) -> Interval | None:
    """Share 1 minus share 2 with Newcombe's hybrid score interval; None when a group is empty."""
    if n_1 == 0 or n_2 == 0:
        return None

    low, high = confint_proportions_2indep(successes_1, n_1, successes_2, n_2, method="newcomb")
    return Interval(successes_1 / n_1 - successes_2 / n_2, float(low), float(high))


def hits_per_arm(
    base_share: float, target_share: float, *, power: float = 0.8, alpha: float = 0.05, ratio: float = 1.0
) -> int:
    """How many limit hits each arm of a hold-out needs to see `target_share` against `base_share`.

    `ratio`: how many times as many the other arm has; the answer is for this, the smaller one.
    Two-sided test at `alpha`. Raises ValueError unless both shares lie strictly between 0 and 1 and differ.
    """
    if not (0 < base_share < 1 and 0 < target_share < 1) or base_share == target_share:
        raise ValueError("two different shares between 0 and 1 are needed")

    size = proportion_effectsize(target_share, base_share)
    needed: float = NormalIndPower().solve_power(abs(size), power=power, alpha=alpha, ratio=ratio)
    return math.ceil(needed)
