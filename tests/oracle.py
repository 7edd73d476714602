"""The specification in Python: a balance is a queue of lots. The SQL of the ledger must agree with it exactly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Lot:
    """One credit; `age` orders lots of one pool."""

    number: int
    kind: str
    age: object
    left: int


def plan_first(lot: Lot) -> Any:
    """Order lots as the product does: plan lots first, then the others, the oldest first."""
    return lot.kind != "plan", lot.age, lot.number


@dataclass
class Oracle:
    """One workspace."""

    lots: list[Lot] = field(default_factory=list)
    gauge_base: int = 0
    epoch: int = 0
    warned: int = 0
    hit: bool = False
    exhausted: bool = False
    order: Callable[[Lot], Any] = field(default=plan_first)

    def pool(self, kind: str) -> int:
        """Minutes left in the `plan` or the `extra` pool."""
        return sum(lot.left for lot in self.lots if (lot.kind == "plan") == (kind == "plan"))

    @property
    def balance(self) -> int:
        """Minutes left."""
        return sum(lot.left for lot in self.lots)

    def credit(self, kind: str, minutes: int, age: object) -> None:
        """Add a lot: a new epoch with a full gauge."""
        self.lots.append(Lot(len(self.lots) + 1, kind, age, minutes))
        self.epoch += 1
        self.gauge_base, self.warned, self.hit, self.exhausted = self.balance, 0, False, False

    def void(self, number: int, minutes: int) -> None:
        """Take minutes out of one lot; the gauge base sinks with them."""
        self.lots[number - 1].left -= minutes
        self.gauge_base -= minutes

    def use(self, minutes: int) -> tuple[dict[int, int], list[int], set[str]]:
        """Draw from the lots in their order. Return draws by lot, thresholds and facts crossed."""
        draws: dict[int, int] = {}
        plan_before, extra_before = self.pool("plan"), self.pool("extra")
        for lot in sorted(self.lots, key=self.order):
            if taken := min(lot.left, minutes - sum(draws.values())):
                draws[lot.number] = taken
                lot.left -= taken
        level = max(
            (
                t
                for t in (80, 90, 100)
                if self.gauge_base and 100 * (self.gauge_base - self.balance) >= t * self.gauge_base
            ),
            default=0,
        )
        crossed = [t for t in (80, 90, 100) if self.warned < t <= level]
        facts = set()
        if plan_before and extra_before and not self.pool("plan") and not self.exhausted:
            facts.add("plan_exhausted")
        if not self.balance and not self.hit:
            facts.add("limit_hit")
        self.warned = max(self.warned, level)
        self.exhausted |= "plan_exhausted" in facts
        self.hit |= "limit_hit" in facts
        return draws, crossed, facts
