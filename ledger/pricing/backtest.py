"""Does the model know anything? Fit on the months before, predict the next, beside 'same as last month'."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ledger.pricing.calibration import PRIOR, Belief, Choices, demand_from
from ledger.pricing.decisions import DecisionMonth
from ledger.pricing.demand import Floats, probabilities
from ledger.pricing.forecast import Band
from ledger.pricing.hits import Misses, expected_hits
from ledger.pricing.luck import generator_of

COVERAGE = 0.80
DRAWS = 400
LEAST_MONTHS = 3
USUAL_SPREAD = 0.06  # of revenue for given limit hits, beyond chance


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
        """Whether the 80% band of the forecast held what happened."""
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
        """Share of months that the 80% band held."""
        return float(np.mean([t.covered for t in self.months]))


def backtest(
    choices: Choices,
    months: Sequence[DecisionMonth],
    belief: Belief,
    *,
    seed: int,
    decided_to: datetime | None = None,
) -> Backtest | None:
    """Test every whole month that has three before it; None when there is none. The last month is not whole.

    `decided_to`: limit hits from then on are not decided yet, and months that end later are not tested.
    """
    rng = generator_of(seed)
    tested: list[Tested] = []
    missed: list[tuple[float, float]] = []  # logarithms: error of the choice model, variance it expected
    for number in range(LEAST_MONTHS, len(months) - 1):
        before, now = months[:number], months[number]
        if decided_to is not None and months[number + 1].month > decided_to:
            break
        learned = sum((m.counts for m in before), np.zeros_like(now.counts))
        if not learned[:, :, 1:].sum() or not now.revenue_cents:
            continue
        model = _Model.of(choices, learned, before, belief, missed)
        hits = expected_hits(before, now)
        offered = _offered(before, now)
        given = [model.cents(now.counts.sum(axis=2), rng) for _ in range(DRAWS)]
        ahead = [
            model.cents(rng.multinomial(hits.draw(rng), offered.ravel()).reshape(offered.shape), rng)
            for _ in range(DRAWS)
        ]
        tested.append(
            Tested(now.month, now.revenue_cents, _band(given), _band(ahead), before[-1].revenue_cents)
        )
        plain = np.array(given)[:, 0].clip(1.0)
        missed.append((float(np.log(now.revenue_cents / np.median(plain))), float(np.var(np.log(plain)))))
    return Backtest(tuple(tested)) if tested else None


def _band(draws: Sequence[tuple[float, float]]) -> Band:
    return Band.of(np.array(draws)[:, 1], COVERAGE)


def _offered(before: Sequence[DecisionMonth], now: DecisionMonth) -> Floats:
    """Shares of the hits by menu and segment: the segments of late, before the menus that are on offer now."""
    late = sum((m.counts.sum(axis=2) for m in before[-3:]), np.zeros(now.counts.shape[:2]))
    segments = late.sum(axis=0) + PRIOR
    menus = now.counts.sum(axis=2) + 1e-9 * (1 + late)
    shares: Floats = menus / menus.sum(axis=0) * segments / segments.sum()
    return shares


@dataclass(frozen=True)
class _Model:
    """What was known before a month of the choices at its limit hits. `learned[g, c]`; `chances` come with a draw.

    `beyond`: all purchases as a multiple of those after a limit hit. `misses`: of the revenue predicted from the
    limit hits that happened, in the months tested before.
    """

    choices: Choices
    learned: Floats
    belief: Belief
    beyond: float
    misses: Misses

    @classmethod
    def of(
        cls,
        choices: Choices,
        learned: Floats,
        before: Sequence[DecisionMonth],
        belief: Belief,
        missed: Sequence[tuple[float, float]],
    ) -> "_Model":
        seen = learned.sum(axis=0)
        bought = sum(float(m.counts[:, :, 1:].sum()) for m in before)
        beyond = sum(m.purchases for m in before) / max(bought, 1.0)
        errors, by_chance = np.array(missed, dtype=np.float64).reshape(-1, 2).T
        then = replace(choices, counts=learned[:, :, None, :], recent=seen)
        return cls(then, seen, belief, beyond, Misses.of(errors, by_chance, usual=USUAL_SPREAD))

    def cents(self, hits: NDArray[Any], rng: np.random.Generator) -> tuple[float, float]:
        """Revenue of a month with these limit hits [menu, segment] in a draw: of choices, and with what they miss."""
        shares = np.stack([rng.dirichlet(row) for row in (self.learned + PRIOR) / self.choices.alike])
        demand = demand_from(self.choices, np.maximum(shares, 1e-9), self.belief.draw(rng))
        offered = np.isfinite(self.choices.prices)[:, None, :]
        prices = np.where(offered, self.choices.prices[:, None, :], 0.0)
        chances = probabilities(np.where(offered, demand.value - demand.price_weight * prices, -1e9))
        bought = rng.multinomial(np.rint(hits).astype(np.int64), chances)[..., 1:]
        unprompted = rng.poisson(bought * max(self.beyond - 1, 0.0))  # not every purchase follows a limit hit
        cents = 100 * float(((bought * min(self.beyond, 1.0) + unprompted) * prices).sum())
        return cents, cents * np.exp(self.misses.bias) * self.misses.draw(rng)
