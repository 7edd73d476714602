"""Minutes of a paid plan invoice, line by line with their arithmetic. Pure functions.

1. A line gives plan minutes x quantity x months of its interval; the annual cycle is 12 months. Free by coupon or paid
   from the customer's credit balance counts like paid: the invoice is paid, whatever money moved.
2. A proration gives, or takes back, floor(minutes of the line x covered time / full period). A change that begins a new
   period gives it in full, so it takes back rounded up: what stays of the old one is the floor of the time that passed.
3. A trial gives one month's minutes at most, once per workspace.
4. Periods before billing began give nothing (`ledger.payments.billing_start`).
"""

from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from ledger.payments.billing_start import BillingStart
from ledger.stripe_gateway import InvoiceFacts, InvoiceLine

Outcome = Literal["lots", "nothing", "alert"]

MONTHS = {"month": 1, "year": 12}
"""Months of one interval of a price; days and weeks have none."""


MINUTES_AT_MOST = 1_000_000
"""Largest number of minutes in one entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPrice:
    """The plan of a Stripe price. `months`: length of its period; None when that is not whole months."""

    plan: str
    billing_cycle: str
    month_minutes: int
    months: int | None

    @property
    def is_plan(self) -> bool:
        """Return whether the price pays for a plan; staff marked the others as not a plan."""
        return bool(self.plan)


NO_PLAN = KnownPrice(plan="", billing_cycle="", month_minutes=0, months=1)
"""A price that staff marked as not a plan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The trial of a subscription, if any, and whether the workspace already had trial minutes."""

    ends_at: datetime | None = None
    given: bool = False

    def covers(self, line: InvoiceLine) -> bool:
        """Return whether a line belongs to the trial: it is free and begins before the trial ends."""
        begins = line.period_start
        return line.amount_cents == 0 and None not in (self.ends_at, begins) and begins < self.ends_at  # type: ignore[operator]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineMinutes:
    """One line with its minutes: positive to credit, negative to take back; `arithmetic` explains them."""

    line_no: int
    line: InvoiceLine
    price: KnownPrice | None
    minutes: int
    arithmetic: str
    is_trial: bool = False

    @property
    def allocation(self) -> int:
        """Return the minutes of a whole period of this line."""
        if self.price is None or self.price.months is None:
            return 0
        return self.price.month_minutes * self.line.quantity * self.price.months

    @property
    def sets_plan(self) -> bool:
        """Return whether this line pays for being on its plan from the beginning of its period."""
        return self.allocation > 0 and not self.line.returns and self.line.period_start is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceMinutes:
    """The result of a paid invoice: lines that move minutes, a reason for none, or a task for staff."""

    outcome: Outcome
    because: str | None
    lines: tuple[LineMinutes, ...]


Period = tuple[datetime, datetime]

SHORTEST_MONTH = timedelta(days=28)


def minutes_of_invoice(
    invoice: InvoiceFacts,
    prices: Mapping[str, KnownPrice],
    *,
    periods: Sequence[Period],
    trial: Trial,
    start: BillingStart,
) -> InvoiceMinutes:
    """Return the result of a paid invoice. `periods`: full periods of its subscription, for prorations."""
    if invoice.has_more_lines:
        return _alert("Some of its lines could not be read: reconcile again")
    lines: list[LineMinutes] = []
    restarts = _begins_new_period(invoice, prices)
    for line_no, line in enumerate(invoice.lines):
        price = prices.get(line.price or "")
        if price is not None and price.months is None:
            return _alert(f"Price {line.price} is not billed by months or years: grant its minutes by hand")
        result = _line_minutes(
            line_no, line, price, periods=periods, trial=trial, start=start, restarts=restarts
        )
        trial = Trial(ends_at=trial.ends_at, given=trial.given or (result.is_trial and result.minutes > 0))
        if abs(result.minutes) > MINUTES_AT_MOST:
            return _alert(
                f"A line gives {abs(result.minutes):,} minutes: check its quantity and grant them by hand"
            )
        lines.append(result)
    return _outcome(lines)


def full_periods(invoices: Sequence[InvoiceFacts]) -> list[Period]:
    """Return the full periods billed by the invoices of a subscription, paid or not."""
    return [
        (line.period_start, line.period_end)
        for invoice in invoices
        for line in invoice.lines
        if not line.proration and line.period_start and line.period_end
    ]


def _begins_new_period(invoice: InvoiceFacts, prices: Mapping[str, KnownPrice]) -> bool:
    """Return whether a change of the plan begins a new period, which its invoice gives in full."""
    return invoice.billing_reason == "subscription_update" and any(
        not line.proration and not line.returns and prices.get(line.price or "", NO_PLAN).is_plan
        for line in invoice.lines
    )


def _outcome(lines: Sequence[LineMinutes]) -> InvoiceMinutes:
    unknown = [each for each in lines if each.line.price and each.price is None]
    pays_known_plan = any(each.price and each.price.is_plan and not each.line.proration for each in lines)
    if unknown and (not pays_known_plan or any(each.line.proration for each in unknown)):
        prices = ", ".join(sorted({each.line.price or "" for each in unknown}))
        return _alert(
            f"Paid invoice with prices that nobody mapped ({prices}): map each to a plan, or to none"
        )
    if any(each.minutes for each in lines):
        return InvoiceMinutes(outcome="lots", because=None, lines=tuple(lines))
    reasons = dict.fromkeys(each.arithmetic for each in lines) or ["it has no lines"]
    return InvoiceMinutes(outcome="nothing", because="; ".join(reasons), lines=tuple(lines))


def _alert(what: str) -> InvoiceMinutes:
    return InvoiceMinutes(outcome="alert", because=what, lines=())


def _line_minutes(
    line_no: int,
    line: InvoiceLine,
    price: KnownPrice | None,
    *,
    periods: Sequence[Period],
    trial: Trial,
    start: BillingStart,
    restarts: bool,
) -> LineMinutes:
    def line_of(minutes: int, arithmetic: str, *, is_trial: bool = False) -> LineMinutes:
        return LineMinutes(
            line_no=line_no, line=line, price=price, minutes=minutes, arithmetic=arithmetic, is_trial=is_trial
        )

    if price is None or price.months is None or not price.is_plan:
        what = "is not mapped to a plan" if price is None else "is not a plan"
        return line_of(0, f"price {line.price} {what}" if line.price else "the line names no price")
    if (before := start.before(line.period_start, line.period_end)) is not None:
        return line_of(0, before)
    whole = price.month_minutes * line.quantity * price.months
    factors = f"{price.plan}: {price.month_minutes} x {line.quantity} x {price.months} months"
    if trial.covers(line):
        return _trial_minutes(line_of, line, price, given=trial.given)
    if line.proration:
        return line_of(*_prorated(line, price, whole, factors, periods, restarts=restarts))
    return line_of(whole, f"{factors} = {whole}")


def _trial_minutes(
    line_of: Callable[..., LineMinutes], line: InvoiceLine, price: KnownPrice, *, given: bool
) -> LineMinutes:
    """Return one month's minutes for the first trial of a workspace; a change during the trial gives none."""
    if line.proration:
        return line_of(0, "a change during the trial gives nothing")
    if given:
        return line_of(0, "this workspace has already had trial minutes", is_trial=True)
    month = price.month_minutes * line.quantity
    arithmetic = f"{price.plan}, trial: {price.month_minutes} x {line.quantity} = {month}"
    return line_of(month, arithmetic, is_trial=True)


def _prorated(
    line: InvoiceLine,
    price: KnownPrice,
    whole: int,
    factors: str,
    periods: Sequence[Period],
    *,
    restarts: bool,
) -> tuple[int, str]:
    """Return the minutes of the covered part of a period with their sign and arithmetic, rounded as the rules say."""
    if line.period_start is None or line.period_end is None or line.period_end <= line.period_start:
        return 0, f"{factors}, no time covered = 0"
    months = price.months or 1
    begins, ends = _period_around(line.period_start, line.period_end, periods, months)
    full = int((ends - begins).total_seconds())
    covered = min(int((line.period_end - line.period_start).total_seconds()), full)
    up = line.returns and restarts
    part = -(-whole * covered // full) if up else whole * covered // full
    words = f"{factors}, {'ceil' if up else 'floor'}({whole} x {covered} / {full} seconds) = {part}"
    return (-part, f"returns {words}") if line.returns else (part, words)


def _period_around(begins: datetime, ends: datetime, periods: Sequence[Period], months: int) -> Period:
    """Return the shortest full period around a proration, or the months before its end.

    A period that is shorter than the price's months, as before a fixed billing day, is not a full one.
    """
    around = [
        period
        for period in periods
        if period[0] <= begins and ends <= period[1] and period[1] - period[0] >= months * SHORTEST_MONTH
    ]
    counted = (min(begins, _months_before(ends, months)), ends)
    return min(around, key=lambda period: period[1] - period[0], default=counted)


def _months_before(moment: datetime, months: int) -> datetime:
    """Return the same day and time some months earlier, or the last day of a shorter month."""
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))
