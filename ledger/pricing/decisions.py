"""What blocked workspaces decided, as arrays: by menu on offer, plan, need and choice; and month by month."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ledger.payments.catalogue import Package
from ledger.payments.package_terms import STANDARD
from ledger.pricing.alike import design_effect, pairs_of
from ledger.pricing.calibration import Choices
from ledger.pricing.demand import Floats, prices_of
from ledger.pricing.tariff import Tariff

NEED_CLASSES = 6


@dataclass(frozen=True)
class DecisionMonth:
    """One calendar month: decisions at limit hits `counts[v, g, c]`, and what really happened, in cents and minutes.

    `prompted`: purchases that a limit hit led to. `workspaces`: on a plan when it began; `joined`: those that got
    their first plan in it.
    """

    month: datetime
    counts: Floats
    hits: int
    purchases: int
    minutes: int
    revenue_cents: int
    workspaces: int = 0
    joined: int = 0
    prompted: int = 0
    prompted_cents: int = 0


@dataclass(frozen=True)
class Decisions:
    """Rows of decisions sorted into arrays. `by_time[m, v, g, c]`."""

    choices: Choices
    times: Sequence[datetime]
    by_time: Floats

    @classmethod
    def of(
        cls,
        rows: Sequence[Mapping[Any, Any]],
        versions: Sequence[Package],
        tariff: Tariff,
        plans: tuple[str, ...],
    ) -> "Decisions":
        """Count decisions by month, menu, plan and need. Choices of packages no longer sold are left out."""
        codes = {"": 0} | {p.code: j for j, p in enumerate(tariff.packages, start=1)}
        menus, menu_of = _menus(versions, tariff, [row for row in rows if row["plan"] in plans])
        decided = _Decided.of(rows, menu_of, plans, codes)
        by_time = decided.counted("month", "menu", "plan", "need", "choice")
        need = np.bincount(decided.kind[:, NEED], decided.need, minlength=NEED_CLASSES)
        choices = Choices(
            plans, tariff.packages, np.array(menus),
            need / np.maximum(decided.counted("need"), 1), by_time.sum(axis=0), 0,
            decided.only(decided.recent).counted("plan", "choice"),
            decided.only(decided.tested).counted("menu", "plan", "need", "choice"),
        )  # fmt: skip
        basis = {"recent": decided.recent, "menu": decided.kind[:, MENU] == 0, "all": decided.hits > 0}
        alike = decided.only(basis[choices.basis]).effect(choices)
        pairs = decided.only(decided.tested).pairs("menu", "plan", "choice")
        days = float(decided.lost.sum() / decided.pace.sum()) / 86_400 if decided.pace.any() else 0.0
        choices = replace(choices, effect=alike, trial_pairs=pairs, days_lost=days)
        return cls(choices, decided.times, by_time.sum(axis=3))

    def by_month(self, actual: Sequence[Mapping[str, Any]]) -> tuple[DecisionMonth, ...]:
        """Decisions and what was really paid, side by side."""
        nothing = np.zeros(self.by_time.shape[1:])
        index = {time: number for number, time in enumerate(self.times)}
        return tuple(
            DecisionMonth(
                row["month"],
                self.by_time[index[row["month"]]] if row["month"] in index else nothing,
                int(row["hits"]),
                int(row["purchases"]),
                int(row["minutes"]),
                int(row["revenue_cents"]),
                int(row["workspaces"]),
                int(row["joined"]),
                int(row["prompted"]),
                int(row["prompted_cents"]),
            )
            for row in actual
        )


NAMES = ("month", "menu", "plan", "need", "choice")
MENU, PLAN, NEED = 1, 2, 3  # places in NAMES


@dataclass(frozen=True)
class _Decided:
    """Rows of hits of one kind. `kind[row]`: month, menu, plan, need and choice, `shape`: how many there are of each.

    `who[row]`: for each hit a number that distinguishes workspaces. Summed over the hits of a row: `need` in minutes,
    of those who bought, `lost` minutes until then, and `pace`, the minutes that they usually use in a second.
    """

    times: Sequence[datetime]
    shape: Sequence[int]
    kind: NDArray[np.intp]
    hits: Floats
    need: Floats
    lost: Floats
    pace: Floats
    tested: NDArray[np.bool_]
    recent: NDArray[np.bool_]
    who: Sequence[NDArray[np.int64]]

    @classmethod
    def of(
        cls,
        rows: Sequence[Mapping[Any, Any]],
        menu_of: Mapping[tuple[str, datetime], int],
        plans: Sequence[str],
        codes: Mapping[str, int],
    ) -> "_Decided":
        rows = [
            row for row in rows
            if row["plan"] in plans and row["bought"] in codes and (row["arm"], row["menu_from"]) in menu_of
        ]  # fmt: skip
        times = sorted({row["month"] for row in rows})
        month_of = {time: number for number, time in enumerate(times)}
        kind = np.zeros((len(rows), len(NAMES)), dtype=np.intp)
        for number, row in enumerate(rows):
            menu, plan = menu_of[row["arm"], row["menu_from"]], plans.index(row["plan"])
            kind[number] = month_of[row["month"]], menu, plan, row["need_class"], codes[row["bought"]]
        return cls(
            times, (len(times), max(menu_of.values(), default=0) + 1, len(plans), NEED_CLASSES, len(codes)), kind,
            np.array([row["hits"] for row in rows], dtype=np.float64),
            np.array([row["need"] for row in rows], dtype=np.float64),
            np.array([row["lost"] for row in rows], dtype=np.float64),
            np.array([row["pace"] for row in rows], dtype=np.float64),
            np.array([row["in_test"] for row in rows], dtype=bool),
            np.array([row["recent"] for row in rows], dtype=bool) & (kind[:, MENU] == 0),
            [np.frombuffer(row["who"], dtype=">i8").astype(np.int64) for row in rows],
        )  # fmt: skip

    def only(self, chosen: NDArray[np.bool_]) -> "_Decided":
        """Some of the rows."""
        who = [each for each, there in zip(self.who, chosen, strict=True) if there]
        return _Decided(
            self.times, self.shape, self.kind[chosen], self.hits[chosen], self.need[chosen],
            self.lost[chosen], self.pace[chosen],
            self.tested[chosen], self.recent[chosen], who,
        )  # fmt: skip

    def counted(self, *names: str) -> Floats:
        """Hits by these names."""
        axes = [NAMES.index(name) for name in names]
        table = np.zeros([self.shape[axis] for axis in axes])
        np.add.at(table, tuple(self.kind[:, axes].T), self.hits)
        return table

    def pairs(self, *names: str) -> Floats:
        """Pairs (see `pairs_of`) of the kinds by these names that have any hits, in order."""
        axes = [NAMES.index(name) for name in names]
        number = np.ravel_multi_index(tuple(self.kind[:, axes].T), [self.shape[axis] for axis in axes])
        there, place = np.unique(number, return_inverse=True)
        many = [len(each) for each in self.who]
        return pairs_of(
            np.repeat(place, many), np.concatenate([np.zeros(0, np.int64), *self.who]), len(there)
        )

    def effect(self, choices: Choices) -> Floats:
        """How many hits of each plan say as much as one alone, of buying or of money: whichever says less."""
        worth = np.concatenate([[0.0], choices.prices[choices.base]])
        bought = np.array([0.0, *np.ones(len(worth) - 1)])
        effects = np.ones(len(choices.segments))
        for plan in range(len(effects)):
            here = self.only(self.kind[:, PLAN] == plan)
            counts, pairs = here.counted("choice"), here.pairs("choice")
            there = counts > 0
            effects[plan] = max(
                design_effect(counts[there], pairs, values[there]) for values in (bought, worth)
            )
        return effects


Prices = tuple[float, ...]


def _menus(
    versions: Sequence[Package], tariff: Tariff, rows: Sequence[Mapping[Any, Any]]
) -> tuple[list[Prices], dict[tuple[str, datetime], int]]:
    """Every menu that was on offer at a limit hit, today's first; and which one an arm saw from when on."""
    menus: dict[Prices, int] = {tuple(prices_of(tariff.packages)): 0}
    seen = sorted({(row["arm"], row["menu_from"]) for row in rows if row["menu_from"]})
    menu_of = {key: menus.setdefault(_offered(versions, tariff, *key), len(menus)) for key in seen}
    return list(menus), menu_of


def _offered(versions: Sequence[Package], tariff: Tariff, arm: str, since: datetime) -> Prices:
    """Prices of today's packages on the menu that one arm saw from `since` on; NaN where not offered."""
    prices = []
    for package in tariff.packages:
        fitting = [
            v for v in versions
            if v.code == package.code and v.minutes == package.minutes and v.currency == tariff.currency
            and v.arm in {arm, STANDARD} and v.valid_from <= since and (v.valid_to is None or v.valid_to > since)
        ]  # fmt: skip
        fitting.sort(key=lambda v: (v.arm != arm, -v.version))
        prices.append(fitting[0].amount_cents / 100 if fitting else float("nan"))
    return tuple(prices)
