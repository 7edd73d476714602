"""What blocked workspaces decided, as arrays: by menu on offer, plan, need and choice; and month by month."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from ledger.catalogue import STANDARD
from ledger.catalogue import Package as Sold
from ledger.pricing.calibration import Choices
from ledger.pricing.demand import Floats, prices_of
from ledger.pricing.tariff import Tariff

NEED_CLASSES = 6


@dataclass(frozen=True)
class Month:
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
        versions: Sequence[Sold],
        tariff: Tariff,
        plans: tuple[str, ...],
    ) -> "Decisions":
        """Count decisions by month, menu, plan and need. Choices of packages no longer sold are left out."""
        rows = [row for row in rows if row["plan"] in plans]
        codes = {"": 0} | {p.code: j for j, p in enumerate(tariff.packages, start=1)}
        menus, menu_of = _menus(versions, tariff, rows)
        times = sorted({row["month"] for row in rows})
        month_of = {time: number for number, time in enumerate(times)}
        counts = np.zeros((len(times), len(menus), len(plans), NEED_CLASSES, len(codes)))
        trial = np.zeros(counts.shape[1:])
        recent = np.zeros((len(plans), len(codes)))
        need, hits = np.zeros(NEED_CLASSES), np.zeros(NEED_CLASSES)
        for row in rows:
            menu = menu_of.get((row["arm"], row["menu_from"]))
            if menu is None or row["bought"] not in codes:
                continue
            g, b, c = plans.index(row["plan"]), row["need_class"], codes[row["bought"]]
            counts[month_of[row["month"]], menu, g, b, c] += row["hits"]
            trial[menu, g, b, c] += row["hits"] if row["in_test"] else 0
            recent[g, c] += row["hits"] if row["recent"] and menu == 0 else 0
            need[b] += row["need"]
            hits[b] += row["hits"]
        choices = Choices(
            plans, tariff.packages, np.array(menus),
            need / np.maximum(hits, 1), counts.sum(axis=0), 0, recent, trial,
        )  # fmt: skip
        return cls(choices, times, counts.sum(axis=3))

    def by_month(self, actual: Sequence[Mapping[str, Any]]) -> tuple[Month, ...]:
        """Decisions and what was really paid, side by side."""
        nothing = np.zeros(self.by_time.shape[1:])
        index = {time: number for number, time in enumerate(self.times)}
        return tuple(
            Month(
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


Prices = tuple[float, ...]


def _menus(
    versions: Sequence[Sold], tariff: Tariff, rows: Sequence[Mapping[Any, Any]]
) -> tuple[list[Prices], dict[tuple[str, datetime], int]]:
    """Every menu that was on offer at a limit hit, today's first; and which one an arm saw from when on."""
    menus: dict[Prices, int] = {tuple(prices_of(tariff.packages)): 0}
    seen = sorted({(row["arm"], row["menu_from"]) for row in rows if row["menu_from"]})
    menu_of = {key: menus.setdefault(_offered(versions, tariff, *key), len(menus)) for key in seen}
    return list(menus), menu_of


def _offered(versions: Sequence[Sold], tariff: Tariff, arm: str, since: datetime) -> Prices:
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
