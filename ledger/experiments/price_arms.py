"""Results of a price test by arm: conversion against current prices, and revenue per limit hit, with intervals."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ledger.estimates import Interval, difference
from ledger.pricing.alike import design_effect
from ledger.pricing.calibration import Choices
from ledger.pricing.demand import Floats
from ledger.pricing.history import Numbers
from ledger.pricing.luck import generator_of

RESAMPLES = 2000


@dataclass(frozen=True)
class PriceArm:
    """One menu of a price test. `prices` in hundreds of the smallest unit, NaN where a package was not offered.

    `revenue`: per limit hit, in the same unit, with a 95% bootstrap interval. `against`: its conversion less that of
    the current menu (Newcombe, 95%), None for the current menu itself. Both correct for several hits of one
    workspace by the design effect: the number of independent hits with the same error.
    """

    prices: Sequence[float]
    hits: int
    bought: int
    revenue: Interval
    against: Interval | None

    @property
    def conversion(self) -> float:
        """Share of limit hits at which a package was bought."""
        return self.bought / self.hits


def read_arms(choices: Choices, *, seed: int) -> list[PriceArm]:
    """Return the arms that had limit hits while they were offered side by side, the current menu first."""
    if choices.trial is None:
        return []
    rng = generator_of(seed)
    by_menu = choices.trial.sum(axis=(1, 2))
    today = _bought(choices, choices.base)
    order = sorted(np.flatnonzero(by_menu.sum(axis=1)), key=lambda menu: menu != choices.base)
    arms = []
    for menu in map(int, order):
        counts = by_menu[menu]
        hits, bought = int(counts.sum()), int(counts[1:].sum())
        against = None if menu == choices.base else difference(*_bought(choices, menu), *today)
        worth = np.concatenate([[0.0], np.nan_to_num(choices.prices[menu])])
        money = _money_of_a_hit(counts, worth, _effect(choices, menu, worth), rng)
        arms.append(PriceArm(tuple(choices.prices[menu]), hits, bought, money, against))
    return arms


def _bought(choices: Choices, menu: int) -> tuple[float, float]:
    """Return the limit hits of a menu that ended in a purchase, and all of them, as independent hits."""
    counts = _trial(choices)[menu].sum(axis=(0, 1))
    alone = _effect(choices, menu, np.arange(len(counts)) > 0)
    return float(counts[1:].sum()) / alone, float(counts.sum()) / alone


def _effect(choices: Choices, menu: int, values: Numbers) -> float:
    """Return how many hits of this menu count as one independent hit for the mean of `values[choice]`."""
    if choices.trial_pairs is None:
        return 1.0
    counts = _trial(choices).sum(axis=2)
    menus, _segments, chosen = np.nonzero(counts)
    here = np.flatnonzero(menus == menu)
    pairs = choices.trial_pairs[np.ix_(here, here)]
    return design_effect(counts[counts > 0][here], pairs, np.asarray(values, dtype=np.float64)[chosen[here]])


def _trial(choices: Choices) -> Floats:
    return np.zeros_like(choices.counts) if choices.trial is None else choices.trial


def too_early(arms: Sequence[PriceArm], hits_per_arm: int) -> bool:
    """Whether any arm has fewer limit hits than the design requires."""
    return any(arm.hits < hits_per_arm for arm in arms)


def _money_of_a_hit(counts: Floats, worth: Floats, effect: float, rng: np.random.Generator) -> Interval:
    hits = counts.sum()
    alone = max(round(hits / effect), 1)
    drawn = rng.multinomial(alone, counts / hits, RESAMPLES) @ worth / alone
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Interval(float(counts @ worth / hits), float(low), float(high))
