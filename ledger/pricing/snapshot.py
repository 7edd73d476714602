"""The facts of one installation at one time, as arrays: the input of every pricing lab answer."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, String, bindparam

from ledger.database import query
from ledger.payments.catalogue import Package, list_package_versions, list_packages
from ledger.pricing.calibration import Choices
from ledger.pricing.decisions import DecisionMonth, Decisions
from ledger.pricing.history import UsageHistory
from ledger.pricing.people import Traits, read_traits
from ledger.pricing.refusals import EmptyMenu, NoHistory
from ledger.pricing.tariff import Tariff, TariffPackage

PART = 10_000  # workspaces per read
USUAL_CURRENCY = "usd"  # where nothing says another, as for an offer
PACKED = (
    "number",
    "step",
    "demand",
    "imputed",
    "granted",
    "bought",
    "months",
    "plan_no",
    "ahead",
    "pace",
)  # in this order
DECIDED_AFTER = timedelta(days=14)  # as in pricing_choices
PACE_DAYS = 30  # the days of `pace` in the query
HISTORY_SHARE = 0.6  # of the time per part


@dataclass(frozen=True)
class LeftOut:
    """What a snapshot leaves out: workspaces that pay in another `currency`, and payments for packages, in cents."""

    currency: str
    workspaces: int
    cents: int


@dataclass(frozen=True)
class Snapshot:
    """Facts of `source` up to `data_to`, of the workspaces that pay in the currency of its tariff.

    Answers from the same data share a `fingerprint`.
    `history`: blocked time is filled with the workspace's usual usage, which the block prevented.
    `recorded`: the same with observed demand only, a lower bound. `traits`: the groupings of its workspaces,
    in the order of the history. `left_out`: what is of another currency.
    """

    source: str
    data_to: datetime
    fingerprint: str
    history: UsageHistory
    recorded: UsageHistory
    tariff: Tariff
    choices: Choices
    months: tuple[DecisionMonth, ...]
    liability_minutes: int
    liability_cents: int
    traits: Traits = field(default_factory=dict)
    left_out: tuple[LeftOut, ...] = ()

    @property
    def currency(self) -> str:
        """Return the currency of every amount in it."""
        return self.tariff.currency

    @property
    def decided_to(self) -> datetime:
        """Return the time up to which limit hits had time to lead to a purchase; later ones are still open."""
        return self.data_to - DECIDED_AFTER

    @property
    def facts(self) -> Mapping[str, Any]:
        """Return the facts that are stored with a saved scenario."""
        return {
            "source": self.source,
            "currency": self.currency,
            "left_out": [asdict(each) for each in self.left_out],
            "data_to": self.data_to.isoformat(),
            "workspaces": self.history.size,
            "fingerprint": self.fingerprint,
        }


Progress = Callable[[float], None]


def take_snapshot(
    db: Connection,
    *,
    source: str,
    at: datetime,
    currency: str | None = None,
    timezone: str = "UTC",
    report_progress: Progress | None = None,
) -> Snapshot:
    """Return the facts of `source` in a currency, the first without one, as far as rolled up, at most up to `at`.

    `report_progress` hears now and then which share is read. Raise NoHistory where nobody pays in it, EmptyMenu where
    nothing is on sale in it.
    """
    rolled_to = db.execute(query("rollup_state")).mappings().one()["data_to"]
    data_to = min(at, rolled_to) if rolled_to else at
    currencies = list_replayed_currencies(db, source, at=data_to)
    tariff = current_tariff(db, at=data_to, currency=currency or currencies[0])
    plans = tuple(sorted(tariff.allowances))
    there = {
        "source": source, "data_to": data_to, "timezone": timezone, "currency": tariff.currency,
        "currencies": currencies if tariff.currency in currencies else [*currencies, tariff.currency],
    }  # fmt: skip
    packed: list[Mapping[Any, Any]] = []
    rows: list[Mapping[Any, Any]] = []
    for arrays, decisions in _parts(db, there, report_progress or (lambda _share: None)):
        packed.append(arrays)
        rows.extend(decisions)
    decided = Decisions.of(rows, list_package_versions(db), tariff, plans)
    history, recorded = _histories(packed, plans, decided.choices.days_lost)
    actual = db.execute(query("pricing_actuals"), there).mappings()
    owed = db.execute(query("pricing_liability"), there).mappings().one()
    taken = Snapshot(
        source, data_to, "", history, recorded, tariff, decided.choices,
        decided.by_month([dict(row) for row in actual]), owed["minutes"], owed["cents"],
        read_traits(db, source, history),
        tuple(LeftOut(**row) for row in db.execute(query("pricing_left_out"), there).mappings()),
    )  # fmt: skip
    return replace(taken, fingerprint=_fingerprint(taken))


def _parts(
    db: Connection, there: Mapping[str, Any], report_progress: Progress
) -> Iterator[tuple[Mapping[Any, Any], Sequence[Mapping[Any, Any]]]]:
    """Yield the packed history and the decisions in groups of workspaces, so no large sort is needed.

    The bounds are literals in the statement, so the planner knows how few rows match.
    """
    in_part = [bindparam(name, type_=String(), literal_execute=True) for name in ("first", "last")]
    ask = [query(name).bindparams(*in_part) for name in ("pricing_history", "pricing_choices")]
    all_of_them = count_workspaces(db, there["source"])
    after, done = "", 0
    while True:
        part = db.execute(
            query("pricing_part"), {"source": there["source"], "after": after, "most": PART}
        ).one()
        if not part.workspaces:
            return
        bounds = {**there, "first": part.first, "last": part.last}
        history = db.execute(ask[0], bounds).mappings().one()
        report_progress((done + HISTORY_SHARE * part.workspaces) / max(all_of_them, 1))
        yield history, db.execute(ask[1], bounds).mappings().all()
        after, done = part.last, done + part.workspaces
        report_progress(min(done / max(all_of_them, 1), 1.0))


def count_workspaces(db: Connection, source: str) -> int:
    """Return the number of workspaces to read, without copies."""
    return int(db.execute(query("pricing_size"), {"source": source}).scalar_one())


def list_replayed_currencies(db: Connection, source: str, *, at: datetime) -> list[str]:
    """Return the currencies in which packages are on sale at `at` or were paid for, US dollars first; never none."""
    sold = db.execute(query("pricing_currencies"), {"source": source, "at": at}).scalars()
    return list(sold) or [USUAL_CURRENCY]


def current_tariff(db: Connection, *, at: datetime, currency: str) -> Tariff:
    """Return the standard offer in a currency at `at`. Raise EmptyMenu when nothing is on sale in it."""
    on_sale = [p for p in list_packages(db, at=at, currency=currency) if p.currency == currency]
    if not on_sale:
        raise EmptyMenu(f"none is on sale in {currency.upper()}.")
    rows = db.execute(query("plan_list")).mappings()
    return Tariff(
        {row["plan"]: int(row["minutes"]) for row in rows}, tuple(_plain(p) for p in on_sale), currency
    )


def _plain(sold: Package) -> TariffPackage:
    return TariffPackage(sold.code, sold.name, int(sold.minutes), int(sold.amount_cents))


def _fingerprint(taken: Snapshot) -> str:
    digest = hashlib.sha256(f"{taken.data_to.isoformat()} {taken.tariff} {taken.months}".encode())
    digest.update(" ".join(taken.history.workspace_ids).encode())
    for history in (taken.history, taken.recorded):
        for table in (
            history.demand,
            history.months,
            history.plan,
            history.grants,
            history.bought,
            history.ahead,
            history.pause,
        ):
            digest.update(b"" if table is None else table.tobytes())
    digest.update(taken.choices.counts.tobytes())
    for key, trait in taken.traits.items():
        if key != "billing_cycle":  # which follows from the history
            digest.update(f"{key} {trait.segments}".encode() + trait.codes.tobytes())
    return digest.hexdigest()[:12]


def _histories(
    packed: Sequence[Mapping[Any, Any]], plans: tuple[str, ...], days_lost: float
) -> tuple[UsageHistory, UsageHistory]:
    """Return the histories with imputed and with recorded demand, one row per step, from flat arrays."""
    numbers: dict[str, list[NDArray[Any]]] = {name: [] for name in PACKED}
    names: list[str] = []
    for part in packed:
        if part["number"] is None:
            continue
        for name, values in numbers.items():
            values.append(np.frombuffer(part[name], dtype=">i4").astype(np.int32))
        numbers["number"][-1] += len(names)
        names += part["workspace_ids"].split(" ")
    if not names:
        raise NoHistory
    number, step, demand, imputed, granted, bought, months, plan, ahead, pace = (
        np.concatenate(each) for each in numbers.values()
    )
    used, column = np.unique(number, return_inverse=True)  # workspaces without a credit have no history
    shape = (int(step.max()) + 1, len(used))

    def table(values: NDArray[Any], kind: type[np.integer[Any]]) -> NDArray[Any]:
        filled = np.zeros(shape, dtype=kind)
        filled[step, column] = values
        return filled

    months_table, plan_table = table(months, np.int16), table(plan, np.int8)
    latest = np.where(months_table > 0, np.arange(shape[0])[:, None], -1).max(axis=0)
    last = np.maximum(latest, 0), np.arange(shape[1])
    history = UsageHistory(
        [names[i] for i in used], plans, plans, table(imputed, np.int32), months_table, plan_table,
        plan_table[last].astype(np.int16),
        grants=table(granted, np.int32) if granted.any() else None,
        bought=table(bought, np.int32) if bought.any() else None,
        ahead=table(ahead, np.int32)[last],
        pause=np.rint(table(pace, np.int32)[last] * days_lost / PACE_DAYS).astype(np.int32),
    )  # fmt: skip
    return history, replace(history, demand=table(demand, np.int32))
