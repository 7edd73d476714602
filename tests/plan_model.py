"""A small model of the rules of plans: what paid invoices give, written again from the rules alone."""

from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from math import ceil, floor
from typing import Any

MONTH_MINUTES = {"starter": 200, "pro": 300}


@dataclass
class PlanModel:
    """One subscription: the lots that its invoices bring, what is used, what goes back, and what stays owed."""

    plans: dict[str, tuple[str, int]]
    """Price -> plan and months."""
    trial_ends: datetime | None = None
    lots: list[dict[str, Any]] = field(default_factory=list)
    owed: int = 0
    trial_given: bool = False
    invoices: dict[str, int] = field(default_factory=dict)

    @property
    def minutes(self) -> int:
        """Return what all lots hold."""
        return sum(lot["holds"] for lot in self.lots)

    def pays(self, invoice: Any, periods: list[tuple[datetime, datetime]]) -> None:
        """Book one paid invoice: what it returns first, then what it gives."""
        begins_anew = invoice.billing_reason == "subscription_update" and any(
            not line.proration for line in invoice.lines
        )
        for line in sorted(invoice.lines, key=lambda line: not line.returns):
            plan, months = self.plans[line.price]
            whole = MONTH_MINUTES[plan] * line.quantity * months
            if line.returns:
                part = self._part(line, whole, periods)
                self._returns(line, ceil(part) if begins_anew else floor(part))
            elif line.proration:
                self._gives(invoice, line, floor(self._part(line, whole, periods)))
            elif line.amount_cents == 0 and self.trial_ends and line.period_start < self.trial_ends:
                month = 0 if self.trial_given else MONTH_MINUTES[plan] * line.quantity
                self.trial_given = True
                self._gives(invoice, line, month)
            else:
                self._gives(invoice, line, whole)

    def uses(self, minutes: int) -> None:
        """Use minutes of the oldest lots, as far as there are any."""
        for lot in self.lots:
            step = min(minutes, lot["holds"])
            lot["holds"] -= step
            minutes -= step

    def refunds(self, invoice: str, refunded: int, paid: int) -> None:
        """Take back the refunded part of what an invoice gave, at most what its lots hold."""
        given = sum(lot["gave"] for lot in self.lots if lot["invoice"] == invoice)
        self._take([lot for lot in self.lots if lot["invoice"] == invoice], given * refunded // paid)

    def _part(self, line: Any, whole: int, periods: list[tuple[datetime, datetime]]) -> Fraction:
        shortest = 28 * self.plans[line.price][1]
        around = [
            each
            for each in periods
            if each[0] <= line.period_start
            and line.period_end <= each[1]
            and (each[1] - each[0]).days >= shortest
        ]
        begins, ends = min(around, key=lambda each: each[1] - each[0])
        covered = int((line.period_end - line.period_start).total_seconds())
        return Fraction(whole * covered, int((ends - begins).total_seconds()))

    def _gives(self, invoice: Any, line: Any, minutes: int) -> None:
        """Settle what is owed, whatever the line is; the rest is a lot."""
        settled = min(minutes, self.owed)
        self.owed -= settled
        lot = {"price": line.price, "from": line.period_start, "to": line.period_end}
        self.lots.append(lot | {"gave": minutes, "holds": minutes - settled, "invoice": invoice.invoice})

    def _returns(self, line: Any, minutes: int) -> None:
        of_period = [
            lot
            for lot in self.lots
            if lot["price"] == line.price
            and lot["from"] <= line.period_start
            and line.period_end <= lot["to"]
        ]
        self.owed += minutes - self._take(of_period, minutes)

    def _take(self, lots: list[dict[str, Any]], minutes: int) -> int:
        taken = 0
        for lot in reversed(lots):
            step = min(minutes - taken, lot["holds"])
            lot["holds"] -= step
            taken += step
        return taken
