"""Replay of one workspace from its entries: the expected value of every row, for `verify`."""

from __future__ import annotations

import bisect
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Row = dict[str, Any]
Difference = tuple[str, str, object, object]  # check, place, expected, actual
THRESHOLDS = (80, 90, 100)
CREDITS = {"allocation": "plan", "reset": "plan", "grant": "grant", "purchase": "purchase"}
MARKED = ("allocation", "grant", "purchase", "void", "refund", "dispute", "restore")
"""Kinds of entry that are booked under a key of `idempotency_keys`."""
_BEGINNING = datetime.min.replace(tzinfo=UTC)


@dataclass
class WorkspaceHistory:
    """Rows of one workspace. `entries` are read once, each with its `draws`: lot -> minutes."""

    minutes: Row
    entries: Iterable[Row] = ()
    lots: dict[int, Row] = field(default_factory=dict)
    ordered_since: datetime = _BEGINNING


@dataclass
class WorkspaceReplay:
    """The state of one workspace while its entries are replayed in order."""

    history: WorkspaceHistory
    plan: int = 0
    extra: int = 0
    used: int = 0
    entry_no: int = 0
    epoch: int = 0
    gauge_base: int = 0
    warned: int = 0
    latest_at: datetime = _BEGINNING
    recorded_at: datetime = _BEGINNING
    left: dict[int, int] = field(default_factory=dict)
    drawn: dict[int, int] = field(default_factory=dict)
    voided: dict[int, int] = field(default_factory=dict)
    marks: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    in_order: list[tuple[int, int]] = field(default_factory=list)
    alerts: dict[tuple[int, str], tuple[int, int, datetime, datetime]] = field(default_factory=dict)

    def differences(self) -> Iterator[Difference]:
        """Replay every entry and yield the differences."""
        for entry in self.history.entries:
            yield from self._continues(entry)
            if entry["kind"] == "use":
                yield from self._use(entry)
            else:
                yield from self._is_no_use(entry)
                yield from self._credit(entry) if entry["kind"] in CREDITS else self._move(entry)
            yield from self._arrives(entry)

    def _continues(self, entry: Row) -> Iterator[Difference]:
        where = f"entry {entry['entry_no']}"
        yield from _differ("entry numbers", where, {"entry_no": self.entry_no + 1}, entry)
        yield from _differ(
            "running balances", where, {"plan_before": self.plan, "extra_before": self.extra}, entry
        )
        self.latest_at = max(self.latest_at, entry["at"])
        yield from _differ("running times", where, {"latest_at": self.latest_at}, entry)
        if entry["recorded_at"] < self.recorded_at:
            yield ("running times", where, f"recorded_at from {self.recorded_at}", entry["recorded_at"])
        self.entry_no, self.recorded_at = entry["entry_no"], entry["recorded_at"]
        self.plan, self.extra = self.plan + entry["plan_delta"], self.extra + entry["extra_delta"]

    def _arrives(self, entry: Row) -> Iterator[Difference]:
        where = f"entry {entry['entry_no']}"
        yield from _differ(
            "running balances", where, {"plan_after": self.plan, "extra_after": self.extra}, entry
        )
        yield from _differ("minutes used", where, {"used_after": self.used}, entry)
        yield from _differ("epochs", where, {"epoch": self.epoch, "gauge_base": self.gauge_base}, entry)
        self.plan, self.extra, self.used = entry["plan_after"], entry["extra_after"], entry["used_after"]
        self.epoch, self.gauge_base = entry["epoch"], entry["gauge_base"]

    def _is_no_use(self, entry: Row) -> Iterator[Difference]:
        if entry["kind"] in MARKED:
            self.marks[entry["kind"], entry["key"]] = (entry["entry_no"], entry["lot_id"])
        where = f"entry {entry['entry_no']}"
        moved = abs(entry["plan_delta"] + entry["extra_delta"])
        yield from _differ("running balances", where, {"minutes": moved, "unmet_minutes": 0}, entry)
        if drawn := entry["draws"]:
            yield ("draws", where, "none, because it is no use", drawn)

    def _credit(self, entry: Row) -> Iterator[Difference]:
        self.epoch, self.gauge_base, self.warned = self.epoch + 1, self.plan + self.extra, 0
        lot = self.history.lots.get(entry["lot_id"])
        where = f"lot {entry['lot_id']}"
        if lot is None:
            yield ("lots", where, f"the lot of entry {entry['entry_no']}", None)
            return
        delta = entry["plan_delta"] + entry["extra_delta"]
        right = {
            "kind": CREDITS[entry["kind"]],
            "minutes": delta,
            "entry_no": entry["entry_no"],
            "acquired_at": entry["at"],
            "burn_order": lot["expected_burn_order"],
            "is_reset": entry["kind"] == "reset",
            "has_purchase": entry["kind"] == "purchase",
        }
        yield from _differ("lots", where, right, lot)
        yield from _differ("lots", f"entry {entry['entry_no']}", _pools(lot, delta), entry)
        self.left[lot["lot_id"]] = delta
        bisect.insort(self.in_order, (lot["expected_burn_order"], lot["lot_id"]))

    def _move(self, entry: Row) -> Iterator[Difference]:
        delta = entry["plan_delta"] + entry["extra_delta"]
        self.gauge_base += delta
        lot_id = entry["lot_id"]
        if (delta < 0) if entry["kind"] == "restore" else (delta > 0):
            yield ("lots", f"entry {entry['entry_no']}", f"minutes the way of a {entry['kind']}", delta)
        if lot_id in self.history.lots:
            right = _pools(self.history.lots[lot_id], delta)
            yield from _differ("lots", f"entry {entry['entry_no']}", right, entry)
        self.left[lot_id] = self.left.get(lot_id, 0) + delta
        self.voided[lot_id] = self.voided.get(lot_id, 0) - delta
        if lot_id not in self.history.lots or self.left[lot_id] < 0:
            yield (
                "lots",
                f"entry {entry['entry_no']}",
                f"lot {lot_id} to hold {-delta}",
                self.left[lot_id] - delta,
            )
        elif (
            delta > 0
            and (place := (self.history.lots[lot_id]["expected_burn_order"], lot_id)) not in self.in_order
        ):
            bisect.insort(self.in_order, place)

    def _use(self, entry: Row) -> Iterator[Difference]:
        where = f"entry {entry['entry_no']}"
        taken = -entry["plan_delta"] - entry["extra_delta"]
        self.used += taken
        actual = entry["draws"]
        right = self._expected_draws(entry, taken, actual)
        if actual != right:
            yield ("draws", where, right, actual)
        yield from _differ("draws", where, self._split(entry, taken, right), entry)
        for lot_id, minutes in actual.items():
            self.left[lot_id] = self.left.get(lot_id, 0) - minutes
            self.drawn[lot_id] = self.drawn.get(lot_id, 0) + minutes
        yield from self._alert(entry, where)

    def _split(self, entry: Row, taken: int, draws: Mapping[int, int]) -> dict[str, int]:
        """Return what a use should have drawn from the plan pool, and its unmet minutes."""
        plan, extra = self.plan - entry["plan_delta"], self.extra - entry["extra_delta"]
        there = {"extra": extra, "refused": 0}.get(entry["overage_policy"], plan + extra)
        from_plan = sum(minutes for lot_id, minutes in draws.items() if self._is_plan(lot_id))
        unmet = 0 if entry["overage_policy"] == "full" else max(entry["minutes"] - there, 0)
        return {"plan_delta": -from_plan, "unmet_minutes": unmet, "minutes": taken + unmet}

    def _is_plan(self, lot_id: int) -> bool:
        return lot_id in self.history.lots and self.history.lots[lot_id]["kind"] == "plan"

    def _expected_draws(self, entry: Row, taken: int, actual: dict[int, int]) -> dict[int, int]:
        """Return the draws of a use by the order of use; for a use from before that order, its actual draws."""
        if entry["recorded_at"] < self.history.ordered_since and sum(actual.values()) == taken:
            return actual
        extra_only = entry["overage_policy"] == "extra"
        draws: dict[int, int] = {}
        emptied = []
        for place, lot_id in self.in_order:
            if not self.left[lot_id]:
                emptied.append((place, lot_id))
            elif not (extra_only and self._is_plan(lot_id)) and (minutes := min(self.left[lot_id], taken)):
                draws[lot_id] = minutes
                taken -= minutes
            if not taken:
                break
        for each in emptied:
            self.in_order.remove(each)
        return draws

    def _alert(self, entry: Row, where: str) -> Iterator[Difference]:
        balance = self.plan + self.extra
        level = max(
            (
                t
                for t in THRESHOLDS
                if self.gauge_base and 100 * (self.gauge_base - balance) >= t * self.gauge_base
            ),
            default=0,
        )
        right = [threshold for threshold in THRESHOLDS if self.warned < threshold <= level]
        yield from _differ(
            "thresholds", where, {"thresholds": right}, {"thresholds": entry["thresholds"] or []}
        )
        self.warned = max(self.warned, level)
        facts = {f"used_{threshold}": 0 for threshold in right}
        if self.plan == 0 < entry["plan_before"] and entry["extra_before"] > 0:
            facts["plan_exhausted"] = 0
        if balance == 0 or entry["unmet_minutes"]:
            facts["limit_hit"] = entry["unmet_minutes"]
        for kind, unmet_minutes in facts.items():
            alert = (entry["entry_no"], unmet_minutes, entry["at"], entry["recorded_at"])
            self.alerts.setdefault((self.epoch, kind), alert)


def _pools(lot: Row, delta: int) -> dict[str, int]:
    """Return the deltas of a change to a lot: its own pool moves, the other one stays."""
    return (
        {"plan_delta": delta, "extra_delta": 0}
        if lot["kind"] == "plan"
        else {"plan_delta": 0, "extra_delta": delta}
    )


def _differ(
    check: str, where: str, right: Mapping[str, Any], actual: Mapping[str, Any]
) -> Iterator[Difference]:
    for name, value in right.items():
        if actual[name] != value:
            yield (check, where, f"{name} {value}", actual[name])
