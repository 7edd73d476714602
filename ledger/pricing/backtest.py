"""Does the model know anything? Fit on the months before, predict the next, beside 'same as last month'."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from ledger.pricing.calibration import PRIOR, Belief, Choices, demand_from
from ledger.pricing.demand import Floats, probabilities
from ledger.pricing.forecast import Band
from ledger.pricing.snapshot import Month

COVERAGE = 0.80
DRAWS = 400
LEAST_MONTHS = 3


@dataclass(frozen=True)
class Tested:
    """One month: money in cents. `given_hits`: predicted knowing the month's limit hits; `forecast`: not knowing."""

    month: datetime
    actual: int
    given_hits: Band
    forecast: Band
    last_month: int

    @property
    def covered(self) -> bool:
        """Whether the 80 % band of the forecast held what happened."""
        return self.forecast.low <= self.actual <= self.forecast.high


@dataclass(frozen=True)
class Backtest:
    """All tested months, and mean absolute errors as shares of the mean actual revenue."""

    months: tuple[Tested, ...]

    def _error(self, predicted: Sequence[float]) -> float:
        actual = np.array([t.actual for t in self.months], dtype=np.float64)
        return float(np.abs(np.array(predicted) - actual).mean() / max(actual.mean(), 1e-9))

    @property
    def error(self) -> float:
        """Of the forecast."""
        return self._error([t.forecast.middle for t in self.months])

    @property
    def error_given_hits(self) -> float:
        """Of the choice model alone."""
        return self._error([t.given_hits.middle for t in self.months])

    @property
    def error_of_last_month(self) -> float:
        """Of saying that it will be as last month."""
        return self._error([float(t.last_month) for t in self.months])

    @property
    def coverage(self) -> float:
        """Share of months that the 80 % band held."""
        return float(np.mean([t.covered for t in self.months]))


def backtest(choices: Choices, months: Sequence[Month], belief: Belief, *, seed: int) -> Backtest | None:
    """Test every whole month that has three before it; None when there is none. The last month is not whole."""
    rng = np.random.default_rng(seed)
    tested = []
    for number in range(LEAST_MONTHS, len(months) - 1):
        before, now = months[:number], months[number]
        learned = sum((m.counts for m in before), np.zeros_like(now.counts))
        if not learned[:, :, 1:].sum() or not now.revenue_cents:
            continue
        beyond = _spontaneous(before)
        tested.append(
            Tested(
                now.month,
                now.revenue_cents,
                _predicted(choices, learned, now.counts, belief, rng, beyond=beyond),
                _predicted(choices, learned, before[-1].counts, belief, rng, beyond=beyond, hits_vary=True),
                before[-1].revenue_cents,
            )
        )
    return Backtest(tuple(tested)) if tested else None


def _spontaneous(before: Sequence[Month]) -> float:
    """All purchases as a multiple of those that followed a limit hit, in the months before."""
    bought = sum(float(m.counts[:, :, 1:].sum()) for m in before)
    return sum(m.purchases for m in before) / max(bought, 1.0)


def _predicted(
    choices: Choices,
    learned: Floats,
    hits_now: Floats,
    belief: Belief,
    rng: np.random.Generator,
    *,
    beyond: float,
    hits_vary: bool = False,
) -> Band:
    """Revenue of a month in cents: its limit hits under the menus then on offer, shares learned before."""
    hits = hits_now.sum(axis=2)
    seen = learned.sum(axis=0)
    then = replace(choices, counts=learned[:, :, None, :], recent=seen)
    draws = np.empty(DRAWS)
    for draw in range(DRAWS):
        shares = np.stack([rng.dirichlet(row + PRIOR) for row in seen])
        demand = demand_from(then, np.maximum(shares, 1e-9), belief.draw(rng))
        cents = 0.0
        for menu, prices in enumerate(choices.prices):
            offered = np.isfinite(prices)
            at = np.where(offered, prices, 0.0)
            chances = probabilities(np.where(offered, demand.value - demand.price_weight * at, -1e9))
            for segment, many in enumerate(hits[menu]):
                happened = rng.poisson(many) if hits_vary else int(many)
                cents += 100 * float(rng.multinomial(happened, chances[segment])[1:] @ at)
        draws[draw] = cents * beyond
    return Band.of(draws, COVERAGE)
