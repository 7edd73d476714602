"""The history of the demo company, told day by day through the functions of the ledger.

What a customer does next follows only from what the ledger answered. Every write has a key of the seed, and a repeated
key gives the first answer: an interrupted history is continued by telling it again.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import partial

import numpy as np
from sqlalchemy import Engine

from ledger.database import query, reading, writing
from ledger.demo import truth
from ledger.demo.agenda import Agenda
from ledger.demo.calls import Call, calls_of_day
from ledger.demo.customers import Customer, draw_customers
from ledger.demo.desk import Desk
from ledger.demo.leaving import leavers
from ledger.demo.seasons import midnight, moment
from ledger.demo.shelf import Shelf, chosen
from ledger.demo.till import BUYER, Till
from ledger.uses import Refused, Use, track_uses
from ledger.workspaces import cancel_plan, create_workspace, reset_due, update_plan_allocation

CALLS_A_BATCH = 10_000
DAY = timedelta(days=1)
NEVER_TAKES_PLAN = 0.02
"""Share of sign-ups that never choose a plan."""
BECOMES_ANNUAL, BECOMES_SMALLER = 0.03, 0.05
"""Share of customers who change to the annual cycle, and of those on the larger plan who change to the smaller."""


class History:
    """One company from its first sign-up to its last day."""

    def __init__(
        self, engine: Engine, shelf: Shelf, *, workspaces: int, first: date, until: date, seed: int
    ) -> None:
        self._engine, self._shelf, self._seed = engine, shelf, seed
        self._first, self._until = first, until
        self._customers = draw_customers(workspaces, first, until, seed)
        self._arrivals = iter(self._customers)
        self._waiting = next(self._arrivals, None)
        self._present: list[Customer] = []
        self._agenda = Agenda()
        self._late: dict[date, list[Call]] = {}
        self._till = Till(engine, self._agenda, seed, midnight(first))
        self._desk = Desk(engine, self._agenda, seed, first + (until - first) * 11 // 20)

    def days(self) -> Iterator[date]:
        """Tell one day after the other; each is given out when it is told whole."""
        try:
            for number in range((self._until - self._first).days):
                day = self._first + number * DAY
                self._tell(day)
                yield day
        finally:
            self._till.close()

    def _tell(self, day: date) -> None:
        end = midnight(day + DAY)
        active = [customer for customer in self._present if customer.active]
        self._welcome(day, end)
        self._desk.open(day, active)
        for customer in leavers(day, active, self._seed):
            rng = self._rng(8, customer, day.toordinal())
            self._agenda.plan(moment(day, rng), customer, partial(self._cancel, customer))
        planned = self._agenda.first_before(end)
        before, after = [], []
        for call in self._calls(day, active):
            due = planned.get(call.customer.number)
            (before if due is None or call.at < due else after).append(call)
        self._book(before)
        self._act(end)
        self._book([call for call in after if call.customer.active])
        self._act(end)
        with writing(self._engine) as db:
            reset_due(db, at=end, limit=len(self._customers))
            db.execute(query("tell_demo_history"), {"through": day})
        for customer in self._present:
            customer.lives_until(end)

    def _welcome(self, day: date, end: datetime) -> None:
        """Sign up who comes on this day."""
        while (customer := self._waiting) is not None and customer.signs_up_at < end:
            self._waiting = next(self._arrivals, None)
            with writing(self._engine) as db:
                create_workspace(
                    db,
                    customer.workspace_id,
                    name=customer.name,
                    owner_email=customer.owner_email,
                    actor=BUYER,
                    at=customer.signs_up_at,
                    source="demo",
                )
            rng = self._rng(9, customer)
            if rng.random() < NEVER_TAKES_PLAN:
                continue
            self._present.append(customer)
            self._allocate(customer, customer.plan, customer.billing_cycle, customer.signs_up_at)
            self._plan_changes(customer, rng)

    def _plan_changes(self, customer: Customer, rng: np.random.Generator) -> None:
        """Draw whether a customer pays by the year one day, or needs the smaller plan only."""
        at = customer.signs_up_at + timedelta(days=float(rng.uniform(50, 300)))
        luck = rng.random()
        if luck < BECOMES_ANNUAL:
            self._agenda.plan(at, customer, partial(self._change, customer, None, "annual"))
        elif luck < BECOMES_ANNUAL + BECOMES_SMALLER and customer.plan == "pro":
            self._agenda.plan(at, customer, partial(self._change, customer, "starter", None))

    def _change(self, customer: Customer, plan: str | None, billing_cycle: str | None, at: datetime) -> None:
        """Change plan or cycle of a customer who still has one; the same again is a renewal."""
        if customer.active:
            self._allocate(customer, plan or customer.plan, billing_cycle or customer.billing_cycle, at)

    def _allocate(self, customer: Customer, plan: str, billing_cycle: str, at: datetime) -> None:
        at = customer.follows(at)
        key = f"{plan}-{billing_cycle}-{at:%Y-%m-%d}"
        with writing(self._engine) as db:
            update_plan_allocation(
                db, customer.workspace_id, plan, billing_cycle, key=key, actor=BUYER, at=at
            )
        customer.takes_plan(plan, billing_cycle, at)
        if billing_cycle == "annual":
            renewal = at.replace(year=at.year + 1, day=min(at.day, 28))
            self._agenda.plan(renewal, customer, partial(self._renew, customer, at))

    def _renew(self, customer: Customer, began: datetime, at: datetime) -> None:
        """Pay for another year, unless the plan was changed or given up since."""
        if customer.active and customer.billing_cycle == "annual" and customer.allocated_at == began:
            self._allocate(customer, customer.plan, "annual", at)

    def _cancel(self, customer: Customer, at: datetime) -> None:
        if not customer.active:
            return
        at = customer.follows(at)
        with writing(self._engine) as db:
            cancel_plan(db, customer.workspace_id, key=f"cancel-{at:%Y-%m-%d}", actor=BUYER, at=at)
        customer.leaves()
        rng = self._rng(10, customer, at.toordinal())
        if rng.random() < truth.COMES_BACK:
            back = at + timedelta(days=float(rng.uniform(10, 120)))
            self._agenda.plan(back, customer, partial(self._come_back, customer))

    def _come_back(self, customer: Customer, at: datetime) -> None:
        if not customer.active:
            self._allocate(customer, customer.plan, "monthly", at)

    def _calls(self, day: date, active: Sequence[Customer]) -> list[Call]:
        """The calls that are reported on a day: those of the day, and what comes late from the days before."""
        calls = calls_of_day(day, active, len(self._customers), self._seed)
        rng = np.random.default_rng([self._seed, 11, day.toordinal()])
        late = rng.random(len(calls)) < truth.REPORTED_LATE
        days_late = rng.integers(1, 4, size=len(calls))
        for i in np.flatnonzero(late):
            self._late.setdefault(day + int(days_late[i]) * DAY, []).append(calls[i])
        in_time = [call for call, is_late in zip(calls, late, strict=True) if not is_late]
        return self._late.pop(day, []) + in_time

    def _book(self, calls: Sequence[Call]) -> None:
        for start in range(0, len(calls), CALLS_A_BATCH):
            batch = calls[start : start + CALLS_A_BATCH]
            with writing(self._engine) as db:
                answers = track_uses(db, [call.as_use() for call in batch])
            for call, answer in zip(batch, answers, strict=True):
                self._hear(call, answer)

    def _hear(self, call: Call, answer: Use | Refused) -> None:
        """Let a customer draw its conclusions from what the ledger answered to its call."""
        if isinstance(answer, Refused):
            raise AssertionError(f"the demo made a call that the ledger refuses: {answer}")
        customer = call.customer
        customer.lives_until(call.at)
        customer.latest_at = max(customer.latest_at, call.at)
        if customer.blocked_at is not None:
            return
        if answer.unmet_minutes or answer.total_minutes == 0:
            customer.blocked_at = call.at
            customer.hits += 1
            if customer.active:
                self._consider(customer, call.at)
        elif answer.thresholds and not customer.warned:
            customer.warned = True
            self._consider_ahead(customer, call.at)

    def _consider(self, customer: Customer, at: datetime) -> None:
        """A blocked customer decides once: buy, change to the larger plan, or wait."""
        rng = self._rng(4, customer, customer.hits)
        delay = delay_of_purchase(rng)
        if package := self._choice(customer, at, rng):
            pay = partial(self._till.pay, customer, package, customer.hits)
            self._agenda.plan(at + delay, customer, pay)
        elif customer.plan == "starter" and rng.random() < truth.UPGRADES_INSTEAD:
            self._agenda.plan(at + delay, customer, partial(self._change, customer, "pro", None))

    def _consider_ahead(self, customer: Customer, at: datetime) -> None:
        """A few buy when they are warned, before they are blocked."""
        rng = self._rng(12, customer, at.toordinal())
        if customer.active and rng.random() < truth.BUYS_AHEAD:
            package = self._choice(customer, at, rng, buys=True)
            pay = partial(self._till.pay, customer, package or "small", at.toordinal())
            self._agenda.plan(at + timedelta(hours=float(rng.exponential(6))), customer, pay)

    def _choice(
        self, customer: Customer, at: datetime, rng: np.random.Generator, *, buys: bool = False
    ) -> str | None:
        with reading(self._engine) as db:
            offer = self._shelf.offer(db, customer, at)
        return chosen(offer, customer, at, rng, buys=buys)

    def _act(self, end: datetime) -> None:
        """Let everything happen that is due before the end of the day."""
        for at, _, act in self._agenda.take_before(end):
            act(at)

    def _rng(self, stream: int, customer: Customer, moment_of_life: int = 0) -> np.random.Generator:
        """Chance for one decision of one customer."""
        return np.random.default_rng([self._seed, stream, customer.number, moment_of_life])


def delay_of_purchase(rng: np.random.Generator) -> timedelta:
    """From the limit to the purchase: most within hours, some the next day, a long tail over weeks."""
    luck = rng.random()
    median, spread = (0.5, 1.0) if luck < 0.5 else (20.0, 0.6) if luck < 0.8 else (110.0, 0.8)
    return timedelta(hours=float(min(rng.lognormal(np.log(median), spread), 30 * 24)))
