"""Demand at a limit hit: wait, or buy one of the packages (multinomial logit).

Value of package j for segment g: V = value[g, j] - price_weight x price_j + need_weight x min(size_j, need);
value of waiting: 0. The chance of each choice is exp(V) over the sum of all. Prices are in major units
of the currency (dollars), so that weights have the size of the published models; money itself stays in cents.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ledger.pricing.history import Numbers
from ledger.pricing.refusals import WrongElasticity
from ledger.pricing.tariff import Tariff, TariffPackage

Floats = NDArray[np.float64]
_MOST = 300.0  # a value beyond which everybody chooses alike; its exponential is still a number


@dataclass(frozen=True)
class Demand:
    """What blocked workspaces choose. `value[g, j]` is for `packages[j]`, the menu it was learned under."""

    segments: tuple[str, ...]
    packages: tuple[TariffPackage, ...]
    value: Floats
    price_weight: float
    need_weight: float = 0.0

    def on(self, tariff: Tariff) -> "Demand":
        """The same people before another menu: a size never sold gets a value between its neighbours'."""
        known = {(p.code, p.minutes): self.value[:, j] for j, p in enumerate(self.packages)}
        columns = [
            known.get((p.code, p.minutes), _between(self.packages, self.value, p.minutes))
            for p in tariff.packages
        ]
        return replace(self, packages=tariff.packages, value=np.stack(columns, axis=1))


def prices_of(packages: Sequence[TariffPackage]) -> Floats:
    """Return prices in hundreds of the smallest unit, dollars for USD: the scale of the model in any currency."""
    return np.array([p.amount_cents for p in packages], dtype=np.float64) / 100


def _between(packages: Sequence[TariffPackage], value: Floats, minutes: int) -> Floats:
    """Value of a package of another size: straight line in the logarithm of minutes, continued at both ends."""
    if len(packages) == 1:
        return value[:, 0]
    sizes = np.log([p.minutes for p in packages])
    size = np.log(minutes)
    right = int(np.clip(np.searchsorted(sizes, size), 1, len(sizes) - 1))
    share = (size - sizes[right - 1]) / (sizes[right] - sizes[right - 1])
    between: Floats = value[:, right - 1] + share * (value[:, right] - value[:, right - 1])
    return between


def probabilities(utility: Floats) -> Floats:
    """Chances of (wait, package 1, package 2, ...) from the packages' values; waiting is worth 0."""
    with_wait = np.concatenate([np.zeros((*utility.shape[:-1], 1)), utility], axis=-1)
    with_wait -= with_wait.max(axis=-1, keepdims=True)
    weight = np.exp(with_wait)
    chances: Floats = weight / weight.sum(axis=-1, keepdims=True)
    return chances


@dataclass(frozen=True)
class Offer:
    """A menu before groups of people. `utility[g, j]`: value of package j at its price; `sizes[j]` in minutes."""

    utility: Floats
    sizes: Floats
    need_weight: float
    limits: Floats  # chance to wait, to wait or buy the first package, ...: [g, j]

    def choose(self, chance: Floats, group: Numbers, need: Numbers) -> NDArray[np.int8]:
        """What each person does when luck is `chance` in [0, 1): 0 waits, j buys package j (counted from 1).

        `need`: minutes the person wants until the next credit.
        """
        picked = np.zeros(chance.size, dtype=np.int8)
        if self.need_weight:
            # exp(weight x min(size, need)) is the smaller of two exponentials: one for the person, one for the size.
            worth = np.exp(np.minimum(self.need_weight * np.minimum(need, self.sizes[-1]), _MOST))
            most = np.exp(np.minimum(self.need_weight * self.sizes, _MOST))
            base = np.exp(np.clip(self.utility.T, -_MOST, _MOST))
            limits = np.ones((self.sizes.size + 1, chance.size))
            for j in range(self.sizes.size):
                np.minimum(worth, most[j], out=limits[j + 1])
                limits[j + 1] *= base[j].take(group)
                limits[j + 1] += limits[j]
            mark = chance * limits[-1]
            for limit in limits[:-1]:
                picked += mark >= limit
            return picked
        for j in range(self.sizes.size):
            picked += chance >= (self.limits[0, j] if len(self.limits) == 1 else self.limits[group, j])
        return picked


def utilities_of(menu: Offer, group: Numbers, need: Numbers) -> Floats:
    """Value of each package to each person, with what it covers of the person's need: [person, package]."""
    useful = np.minimum(menu.sizes, np.asarray(need)[:, None])
    values: Floats = menu.utility[group] + menu.need_weight * useful
    return values


def offer(demands: Sequence[Demand], tariff: Tariff) -> Offer:
    """The tariff's menu before these people; group of segment g in the d-th demand: d x segments + g."""
    learned = [demand.on(tariff) for demand in demands]
    prices = prices_of(tariff.packages)
    utility = np.concatenate([d.value - d.price_weight * prices for d in learned])
    sizes = np.array([p.minutes for p in tariff.packages], dtype=np.float64)
    return Offer(utility, sizes, demands[0].need_weight, np.cumsum(probabilities(utility), axis=1))


@dataclass(frozen=True)
class Expectation:
    """What one limit hit brings on average: chance to buy, minutes and money of a purchase, money of a hit."""

    conversion: float
    average_minutes: float
    average_price: float
    revenue: float
    mix: Floats


def expect(demand: Demand, prices: Floats, weights: Floats) -> Expectation:
    """Averages over segments with these weights, in closed form (no need-awareness). Money in major units."""
    chances = probabilities(demand.value - demand.price_weight * prices)[:, 1:]
    pooled = (weights / weights.sum()) @ chances
    conversion = float(pooled.sum())
    sizes = np.array([p.minutes for p in demand.packages], dtype=np.float64)
    revenue = float(pooled @ prices)
    return Expectation(
        conversion, float(pooled @ sizes) / conversion, revenue / conversion, revenue, pooled / conversion
    )


def elasticity(demand: Demand, prices: Floats, weights: Floats) -> float:
    """Percent change of conversion when all prices rise by one percent: -beta x sum(w R s0) / sum(w b)."""
    chances = probabilities(demand.value - demand.price_weight * prices)
    spent = chances[:, 1:] @ prices
    return float(
        -demand.price_weight * (weights @ (spent * chances[:, 0])) / (weights @ chances[:, 1:].sum(axis=1))
    )


def price_weight_of(elasticity_: float, shares: Floats, prices: Floats, weights: Floats) -> float:
    """The price weight that gives this elasticity of conversion, from observed shares [g, wait + packages]."""
    if not elasticity_ < 0:
        raise WrongElasticity(f"{elasticity_}: people do not buy more because it is dearer.")
    spent = shares[:, 1:] @ prices
    return float(-elasticity_ * (weights @ shares[:, 1:].sum(axis=1)) / (weights @ (spent * shares[:, 0])))
