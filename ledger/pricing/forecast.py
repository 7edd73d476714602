"""What a change of prices does to the limit hits of a period, in closed form: no replay, one answer per draw."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ledger.pricing.calibration import Belief, Choices, demand_from, draw_shares, shares_of
from ledger.pricing.demand import Expectation, Floats, expect
from ledger.pricing.luck import generator_of

BAND = 0.90
ELASTICITIES = (-5.0, -0.01)


@dataclass(frozen=True)
class Band:
    """A number and the range that holds it in 90 of 100 draws."""

    middle: float
    low: float
    high: float

    @classmethod
    def of(cls, draws: Floats, coverage: float = BAND) -> "Band":
        """Mean of the draws, and the middle part of them."""
        low, high = np.quantile(draws, [(1 - coverage) / 2, (1 + coverage) / 2])
        return cls(float(draws.mean()), float(low), float(high))


@dataclass(frozen=True)
class Forecast:
    """Revenue of a period in major units: today's prices, other prices, the difference, and P(difference > 0)."""

    base: Band
    scenario: Band
    difference: Band
    chance_up: float


def per_hit(choices: Choices, prices: Floats, elasticity: float, shares: Floats | None = None) -> Expectation:
    """What one limit hit brings at other prices (major units), from observed shares and an elasticity."""
    observed = shares_of(choices) if shares is None else shares
    return expect(demand_from(choices, observed, elasticity), prices, choices.weights)


def forecast(
    choices: Choices, prices: Floats, belief: Belief, *, hits: int, draws: int = 5000, seed: int = 1
) -> Forecast:
    """Draw shares, elasticity and number of hits; both price lists see the same draw."""
    rng = generator_of(seed)
    base, scenario = np.empty(draws), np.empty(draws)
    today = choices.prices[choices.base]
    for draw in range(draws):
        demand = demand_from(choices, draw_shares(choices, rng), belief.draw(rng))
        happened = rng.poisson(hits)
        base[draw] = happened * expect(demand, today, choices.weights).revenue
        scenario[draw] = happened * expect(demand, prices, choices.weights).revenue
    gain = scenario - base
    return Forecast(Band.of(base), Band.of(scenario), Band.of(gain), float((gain > 0).mean()))


def difference(choices: Choices, prices: Floats, elasticity: float, shares: Floats | None = None) -> float:
    """Change of revenue per limit hit, in major units."""
    today = choices.prices[choices.base]
    return (
        per_hit(choices, prices, elasticity, shares).revenue
        - per_hit(choices, today, elasticity, shares).revenue
    )


def shifted(shares: Floats, *, conversion: float = 0.0, mix: float = 0.0) -> Floats:
    """Shares with `conversion` more of all hits buying, and `mix` of the buyers moved from smallest to largest."""
    bought = shares[:, 1:].sum(axis=1, keepdims=True)
    wanted = np.clip(bought + conversion, 0.001, 0.999)
    packages = shares[:, 1:] * wanted / bought
    moved = np.clip(mix * wanted[:, 0], -packages[:, -1] * 0.999, packages[:, 0] * 0.999)
    packages[:, 0] -= moved
    packages[:, -1] += moved
    return np.concatenate([1 - wanted, packages], axis=1)


def tornado(
    choices: Choices, prices: Floats, belief: Belief, *, hits: int, shares: Floats | None = None
) -> Mapping[str, tuple[float, float]]:
    """Change of revenue when one assumption moves down and up.

    Elasticity by two spreads, conversion by 4 points, hits by 15%, mix by 5 points of the buyers.
    """
    seen = shares_of(choices) if shares is None else shares

    def at(elasticity: float = belief.mean, of: Floats = seen, many: float = hits) -> float:
        return many * difference(choices, prices, elasticity, of)

    low, high = belief.mean - 2 * belief.spread, min(belief.mean + 2 * belief.spread, ELASTICITIES[1])
    return {
        "elasticity": (at(low), at(high)),
        "conversion": (at(of=shifted(seen, conversion=-0.04)), at(of=shifted(seen, conversion=0.04))),
        "hits": (at(many=hits * 0.85), at(many=hits * 1.15)),
        "mix": (at(of=shifted(seen, mix=-0.05)), at(of=shifted(seen, mix=0.05))),
    }
