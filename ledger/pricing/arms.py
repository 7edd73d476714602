"""What arms of a price test have shown: conversion against today's prices, and money of a limit hit, with intervals."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ledger.estimates import Interval, difference
from ledger.pricing.calibration import Choices
from ledger.pricing.demand import Floats

RESAMPLES = 2000


@dataclass(frozen=True)
class Arm:
    """One menu of a price test. `prices` in major units, NaN where a package was not offered.

    `revenue`: money of a limit hit, with the range of 95 of 100 samples of its hits drawn again. `against`: its
    conversion less that of today's menu (Newcombe, 95 %), None for today's menu itself.
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


def read_arms(choices: Choices, *, seed: int) -> list[Arm]:
    """The arms that had limit hits while they were offered side by side, today's menu first."""
    if choices.trial is None:
        return []
    rng = np.random.default_rng(seed)
    by_menu = choices.trial.sum(axis=(1, 2))
    today = by_menu[choices.base]
    order = sorted(np.flatnonzero(by_menu.sum(axis=1)), key=lambda menu: menu != choices.base)
    arms = []
    for menu in order:
        counts = by_menu[menu]
        hits, bought = int(counts.sum()), int(counts[1:].sum())
        against = None
        if menu != choices.base:
            against = difference(bought, hits, int(today[1:].sum()), int(today.sum()))
        money = _money_of_a_hit(counts, choices.prices[menu], rng)
        arms.append(Arm(tuple(choices.prices[menu]), hits, bought, money, against))
    return arms


def too_early(arms: Sequence[Arm], hits_per_arm: int) -> bool:
    """Whether somebody looks before every arm has the limit hits that the design asked for."""
    return any(arm.hits < hits_per_arm for arm in arms)


def _money_of_a_hit(counts: Floats, prices: Floats, rng: np.random.Generator) -> Interval:
    worth = np.concatenate([[0.0], np.nan_to_num(prices)])
    hits = counts.sum()
    drawn = rng.multinomial(int(hits), counts / hits, RESAMPLES) @ worth / hits
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Interval(float(counts @ worth / hits), float(low), float(high))
