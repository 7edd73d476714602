"""Design of a price test: the limit hits it needs, how long they take, and how precise its result is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ledger.estimates import hits_per_arm
from ledger.pricing.calibration import Choices, demand_from, shares_of
from ledger.pricing.demand import Floats, elasticity, probabilities
from ledger.pricing.refusals import WrongTest


@dataclass(frozen=True)
class Design:
    """`hits_per_arm` limit hits in each of `arms` arms; `days` at the current rate, None when nobody is blocked.

    `alike`: the design effect, the number of hits that count as one independent hit.
    """

    conversion: float
    expected: float
    arms: int
    power: float
    significance: float
    hits_per_arm: int
    days: float | None
    alike: float = 1.0


def design_test(
    choices: Choices,
    factor: float,
    *,
    elasticity_: float,
    hits_per_day: float,
    arms: int = 2,
    power: float = 0.8,
    significance: float = 0.05,
) -> Design:
    """Return the test that detects the effect of prices x `factor` on conversion if the elasticity is `elasticity_`.

    Raises WrongTest when there is no effect to detect, or when power or significance is not between 0 and 1.
    """
    if arms < 2 or factor <= 0 or factor == 1:
        raise WrongTest(f"{arms} arms, prices times {factor:g}.")
    shares = shares_of(choices)
    demand = demand_from(choices, shares, elasticity_)
    weights = choices.weights / choices.weights.sum()
    prices = choices.prices[choices.base]
    now, then = (
        float(weights @ (1 - probabilities(demand.value - demand.price_weight * prices * f)[:, 0]))
        for f in (1.0, factor)
    )
    try:
        alone = hits_per_arm(now, then, power=power, alpha=significance)
    except ValueError as refused:
        raise WrongTest(f"{now:.3f} to {then:.3f}: {refused}.") from refused
    alike = float(weights @ choices.alike[:, 0])
    needed = math.ceil(alone * alike)
    days = needed * arms / hits_per_day if hits_per_day > 0 else None
    return Design(now, then, arms, power, significance, needed, days, alike)


def elasticity_error(
    choices: Choices, factors: Sequence[float], *, elasticity_: float, hits_per_arm: int
) -> float:
    """Return the standard error of the elasticity after arms with current prices x each of `factors`.

    It follows from the Fisher information of the choice model with a value for each package and one price weight,
    corrected for several hits of one workspace.
    """
    if len(set(factors)) < 2 or min(factors) <= 0 or hits_per_arm < 1:
        raise WrongTest(f"prices times {factors}, {hits_per_arm} limit hits.")
    shares = shares_of(choices)
    weights = choices.weights / choices.weights.sum()
    pooled = (weights @ shares)[None, :]
    one = Choices(
        ("all",),
        choices.packages,
        choices.prices[choices.base][None, :],
        np.zeros(1),
        pooled[None, :, None, :],
    )
    demand = demand_from(one, pooled, elasticity_)
    prices = one.prices[0]
    packages = len(prices)
    information = np.zeros((packages + 1, packages + 1))
    for f in factors:
        information += hits_per_arm * _information(
            probabilities(demand.value - demand.price_weight * prices * f)[0], prices * f
        )
    error = float(np.sqrt(np.linalg.inv(information)[-1, -1]))
    alike = float(np.sqrt(weights @ choices.alike[:, 0]))
    return alike * error * abs(elasticity(demand, prices, np.ones(1))) / demand.price_weight


def _information(chances: Floats, prices: Floats) -> Floats:
    """Return the Fisher information of one limit hit: package values, then the price weight."""
    packages = len(prices)
    design = np.zeros((packages + 1, packages + 1))
    design[1:, :packages] = np.eye(packages)
    design[1:, packages] = -prices
    centred = design - chances @ design
    information: Floats = np.einsum("j,jk,jl->kl", chances, centred, centred)
    return information
