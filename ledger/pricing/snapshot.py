"""The facts of one installation at one time, as arrays: what every answer of the pricing lab is computed from."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from ledger.catalogue import STANDARD, list_package_versions, list_packages
from ledger.catalogue import Package as Sold
from ledger.database import query
from ledger.pricing.calibration import Choices
from ledger.pricing.demand import Floats, prices_of
from ledger.pricing.history import History
from ledger.pricing.refusals import NoHistory
from ledger.pricing.tariff import Package, Tariff

NEED_CLASSES = 6


@dataclass(frozen=True)
class Month:
    """One calendar month: decisions at limit hits `counts[v, g, c]`, and what really happened, in cents and minutes."""

    month: datetime
    counts: Floats
    hits: int
    purchases: int
    minutes: int
    revenue_cents: int


@dataclass(frozen=True)
class Snapshot:
    """Facts of `source` up to `data_to`. `fingerprint` tells whether two answers saw the same data.

    `history`: blocked time is filled with the workspace's usual use, because nobody uses what is not there.
    `recorded`: the same with nothing but the demand that was seen, a lower bound.
    """

    source: str
    data_to: datetime
    fingerprint: str
    history: History
    recorded: History
    tariff: Tariff
    choices: Choices
    months: tuple[Month, ...]
    liability_minutes: int
    liability_cents: int

    @property
    def facts(self) -> Mapping[str, Any]:
        """What is kept with a saved scenario."""
        return {
            "source": self.source,
            "data_to": self.data_to.isoformat(),
            "workspaces": self.history.size,
            "fingerprint": self.fingerprint,
        }


def take_snapshot(db: Connection, *, source: str, at: datetime, timezone: str = "UTC") -> Snapshot:
    """Read the facts of `source` as far as they are rolled up, at most up to `at`. Raises NoHistory without any."""
    rolled_to = db.execute(query("rollup_state")).mappings().one()["data_to"]
    data_to = min(at, rolled_to) if rolled_to else at
    tariff = current_tariff(db, at=data_to)
    plans = tuple(sorted(tariff.allowances))
    packed = dict(
        db.execute(query("pricing_history"), {"source": source, "data_to": data_to}).mappings().one()
    )
    history, recorded = _unpacked(packed, plans)
    decided = _Decisions.read(db, tariff, plans, source=source, data_to=data_to, timezone=timezone)
    there = {"source": source, "currency": tariff.currency}
    actual = db.execute(
        query("pricing_actuals"), there | {"data_to": data_to, "timezone": timezone}
    ).mappings()
    owed = db.execute(query("pricing_liability"), there).mappings().one()
    return Snapshot(
        source, data_to, _fingerprint(packed, tariff, data_to), history, recorded, tariff, decided.choices,
        decided.by_month([dict(row) for row in actual]), owed["minutes"], owed["cents"],
    )  # fmt: skip


def current_tariff(db: Connection, *, at: datetime) -> Tariff:
    """What is offered to everybody at `at`. Raises EmptyMenu when nothing is on sale."""
    on_sale = list_packages(db, at=at)
    rows = db.execute(query("plan_list")).mappings()
    currency = on_sale[0].currency if on_sale else "usd"
    return Tariff(
        {row["plan"]: int(row["minutes"]) for row in rows},
        tuple(_plain(p) for p in on_sale if p.currency == currency),
        currency,
    )


def _plain(sold: Sold) -> Package:
    return Package(sold.code, sold.name, int(sold.minutes), int(sold.amount_cents))


def _fingerprint(packed: dict[Any, Any], tariff: Tariff, data_to: datetime) -> str:
    digest = hashlib.sha256(f"{data_to.isoformat()} {tariff}".encode())
    for name in ("workspace_ids", "number", "step", "imputed", "gift", "months", "plan_no"):
        value = packed[name]
        digest.update(value.encode() if isinstance(value, str) else bytes(value))
    return digest.hexdigest()[:12]


def _unpacked(packed: dict[Any, Any], plans: tuple[str, ...]) -> tuple[History, History]:
    """From the flat arrays of the query to one row for each step: with imputed, and with recorded demand."""
    if packed["number"] is None:
        raise NoHistory
    number, step, demand, imputed, gift, months, plan = (
        np.frombuffer(packed[name], dtype=">i4").astype(np.int32)
        for name in ("number", "step", "demand", "imputed", "gift", "months", "plan_no")
    )
    names = packed["workspace_ids"].split(" ")
    used, column = np.unique(number, return_inverse=True)  # workspaces without a credit have no history
    shape = (int(step.max()) + 1, len(used))

    def table(values: NDArray[Any], kind: type[np.integer[Any]]) -> NDArray[Any]:
        filled = np.zeros(shape, dtype=kind)
        filled[step, column] = values
        return filled

    months_table, plan_table = table(months, np.int16), table(plan, np.int8)
    latest = np.where(months_table > 0, np.arange(shape[0])[:, None], -1).max(axis=0)
    history = History(
        [names[i] for i in used], plans, plans, table(imputed, np.int32), months_table, plan_table,
        plan_table[np.maximum(latest, 0), np.arange(shape[1])].astype(np.int16),
        gifts=table(gift, np.int32) if gift.any() else None,
    )  # fmt: skip
    return history, replace(history, demand=table(demand, np.int32))


@dataclass(frozen=True)
class _Decisions:
    """Rows of decisions sorted into arrays. `by_time[m, v, g, c]`."""

    choices: Choices
    times: Sequence[datetime]
    by_time: Floats

    @classmethod
    def read(
        cls,
        db: Connection,
        tariff: Tariff,
        plans: tuple[str, ...],
        *,
        source: str,
        data_to: datetime,
        timezone: str,
    ) -> "_Decisions":
        """Count decisions by month, menu, plan and need. Choices of packages no longer sold are left out."""
        bound = {"source": source, "data_to": data_to, "timezone": timezone}
        rows = [row for row in db.execute(query("pricing_choices"), bound).mappings() if row["plan"] in plans]
        codes = {"": 0} | {p.code: j for j, p in enumerate(tariff.packages, start=1)}
        menus, menu_of = _menus(list_package_versions(db), tariff, rows)
        times = sorted({row["month"] for row in rows})
        counts = np.zeros((len(times), len(menus), len(plans), NEED_CLASSES, len(codes)))
        trial = np.zeros(counts.shape[1:])
        recent = np.zeros((len(plans), len(codes)))
        need, hits = np.zeros(NEED_CLASSES), np.zeros(NEED_CLASSES)
        for row in rows:
            menu = menu_of.get((row["arm"], row["menu_from"]))
            if menu is None or row["bought"] not in codes:
                continue
            g, b, c = plans.index(row["plan"]), row["need_class"], codes[row["bought"]]
            counts[times.index(row["month"]), menu, g, b, c] += row["hits"]
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
