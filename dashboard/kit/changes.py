"""How a number changed between two periods, and whether the change is more than chance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from dashboard.kit.periods import Period
from dashboard.text import days, decimal, points
from ledger.estimates import difference
from ledger.metrics import METRICS, TOO_FEW, Measure

Direction = Literal["good", "bad", "unclear"]
NORMAL_95 = 1.96
SPREAD_OF_SUMS = 2.0
"""A sum of n payments of different sizes varies by about sqrt(2 / n): their coefficient of variation is below 1."""
RISE_IS_GOOD = {"up": True, "down": False}


@dataclass(frozen=True)
class MetricChange:
    """A move from `before` to `now`; `sure` is whether it is more than chance, `percent` None from zero."""

    slug: str
    unit: str
    now: float
    before: float
    against: Period
    sure: bool
    low: float | None = None
    high: float | None = None

    @property
    def by(self) -> float:
        """Return the difference in the unit of the number."""
        return self.now - self.before

    @property
    def percent(self) -> float | None:
        """Return the change in percent of the earlier value."""
        return None if not self.before else 100 * self.by / abs(self.before)

    @property
    def direction(self) -> Direction:
        """Return `good`, `bad`, or `unclear` for a change that may be chance or is neither."""
        better = METRICS[self.slug].better
        if not self.sure or not self.by or better not in RISE_IS_GOOD:
            return "unclear"
        return "good" if (self.by > 0) == RISE_IS_GOOD[better] else "bad"

    @property
    def shown(self) -> str:
        """Return `+57%`, or `−1.1 pp` for a share."""
        if self.unit == "percent":
            return points(self.by)
        if self.percent is None:
            return "new"
        return f"{_sign(self.percent)}{decimal(abs(self.percent), 0 if abs(self.percent) >= 10 else 1)}%"  # noqa: PLR2004

    @property
    def days(self) -> str:
        """Return the earlier days, `Jun 5 – Sep 1, 2026`."""
        return days(self.against.first, self.against.last - timedelta(days=1))


def _sign(number: float) -> str:
    return "−" if round(number, 1) < 0 else "+" if round(number, 1) > 0 else ""


def change_of(ours: Measure, earlier: Measure, against: Period) -> MetricChange | None:
    """Return the move between two measures of one metric; None where either rests on too little.

    What accumulates rests on every row until then: before the first one there is nothing to compare with.
    """
    if ours.value is None or earlier.value is None or ours.few or earlier.few:
        return None
    if METRICS[ours.slug].accumulates and not earlier.value and not earlier.denominator:
        return None
    low, high, sure = _certainty(ours, earlier)
    return MetricChange(ours.slug, ours.unit, ours.value, earlier.value, against, sure, low, high)


def _certainty(ours: Measure, earlier: Measure) -> tuple[float | None, float | None, bool]:
    """Return the interval of a difference of shares, and whether the move is more than chance."""
    metric = METRICS[ours.slug]
    if metric.accumulates:  # the state of the books on a day is counted, and no sample
        return None, None, True
    if metric.estimate == "ratio":
        result = (
            difference(
                int(ours.numerator or 0), ours.denominator, int(earlier.numerator or 0), earlier.denominator
            )
            if ours.denominator and earlier.denominator
            else None
        )
        if result is None or metric.repeats:
            return None, None, False
        return 100 * result.low, 100 * result.high, result.low > 0 or result.high < 0
    if metric.estimate == "mean":
        return None, None, _means_differ(ours, earlier)
    if metric.estimate == "sum":
        return None, None, _sums_differ(ours, earlier)
    return None, None, False


def _means_differ(ours: Measure, earlier: Measure) -> bool:
    """Return whether two means differ by more than chance, by the interval of ours for both."""
    if ours.low is None or ours.high is None or not ours.n or not earlier.n:
        return False
    error = (ours.high - ours.low) / (2 * NORMAL_95)
    both = error * math.sqrt(1 + ours.n / earlier.n)
    return abs((ours.value or 0) - (earlier.value or 0)) > NORMAL_95 * both


def _sums_differ(ours: Measure, earlier: Measure) -> bool:
    """Return whether two sums of payments, minutes or refunds differ by more than chance."""
    counts = (ours.n or 0, earlier.n or 0)
    values = (ours.value or 0, earlier.value or 0)
    if min(counts) < TOO_FEW or min(values) <= 0:
        return False
    error = math.sqrt(SPREAD_OF_SUMS * (1 / counts[0] + 1 / counts[1]))
    return abs(math.log(values[0] / values[1])) > NORMAL_95 * error
