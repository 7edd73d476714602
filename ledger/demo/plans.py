"""Customer plans: sign-up, change, renewal, cancellation and return."""

from datetime import date, datetime, timedelta
from functools import partial

import numpy as np
from sqlalchemy import Connection

from ledger.database import writing
from ledger.demo import parameters
from ledger.demo.agenda import Agenda
from ledger.demo.attributes import draw_attributes
from ledger.demo.churn import leavers
from ledger.demo.customers import Customer
from ledger.demo.seasonality import moment
from ledger.demo.shard import Shard
from ledger.minutes.attributes import set_attributes_of_many
from ledger.minutes.workspaces import cancel_plan, create_workspace, update_plan_allocation

CUSTOMER = "customer"
"""Actor of self-service actions."""
NEVER_CHOOSES_PLAN = 0.02
"""Share of sign-ups that never choose a plan."""
BECOMES_ANNUAL, BECOMES_SMALLER = 0.03, 0.05
"""Share of customers who switch to annual billing, and share who downgrade."""


class Plans:
    """Each customer's plan, day by day."""

    def __init__(self, shard: Shard, agenda: Agenda) -> None:
        self._shard, self._agenda = shard, agenda
        self._arrivals = iter(shard.customers)
        self._next = next(self._arrivals, None)
        self.customers: list[Customer] = []
        """Customers who have chosen a plan so far."""

    def welcome(self, end: datetime) -> None:
        """Sign up the customers due before `end`."""
        attributes: dict[str, dict[str, str]] = {}
        with writing(self._shard.engine) as db:
            while (customer := self._next) is not None and customer.signs_up_at < end:
                self._next = next(self._arrivals, None)
                create_workspace(
                    db,
                    customer.workspace_id,
                    name=customer.name,
                    owner_email=customer.owner_email,
                    actor=CUSTOMER,
                    at=customer.signs_up_at,
                    source="demo",
                )
                rng = self._shard.rng_of(customer, "sign-up")
                if rng.random() >= NEVER_CHOOSES_PLAN:
                    self.customers.append(customer)
                    self._allocate(db, customer, customer.plan, customer.billing_cycle, customer.signs_up_at)
                    self._foresee_change(customer, rng)
                drawn = draw_attributes(customer, self._shard.rng_of(customer, "attributes"))
                attributes[customer.workspace_id] = drawn
            if attributes:
                set_attributes_of_many(db, attributes, actor=CUSTOMER, at=end)

    def _foresee_change(self, customer: Customer, rng: np.random.Generator) -> None:
        at = customer.signs_up_at + timedelta(days=float(rng.uniform(50, 300)))
        luck = rng.random()
        if luck < BECOMES_ANNUAL:
            self.change_later(customer, at, billing_cycle="annual")
        elif luck < BECOMES_ANNUAL + BECOMES_SMALLER:
            self.change_later(customer, at, plan="starter")

    def change_later(
        self, customer: Customer, at: datetime, *, plan: str | None = None, billing_cycle: str | None = None
    ) -> None:
        """Schedule a change of plan or cycle, if the customer still has another one by then."""
        self._agenda.plan(at, customer, partial(self._change, customer, plan, billing_cycle))

    def _change(self, customer: Customer, plan: str | None, billing_cycle: str | None, at: datetime) -> None:
        wanted = (plan or customer.plan, billing_cycle or customer.billing_cycle)
        if customer.active and wanted != (customer.plan, customer.billing_cycle):
            with writing(self._shard.engine) as db:
                self._allocate(db, customer, *wanted, at)

    def _allocate(
        self, db: Connection, customer: Customer, plan: str, billing_cycle: str, at: datetime
    ) -> None:
        at = customer.next_moment(at)
        key = f"{plan}-{billing_cycle}-{at:%Y-%m-%d}"
        update_plan_allocation(db, customer.workspace_id, plan, billing_cycle, key=key, actor=CUSTOMER, at=at)
        customer.start_plan(plan, billing_cycle, at)
        if billing_cycle == "annual":
            renewal = at.replace(year=at.year + 1, day=min(at.day, 28))
            self._agenda.plan(renewal, customer, partial(self._renew, customer, at))

    def _renew(self, customer: Customer, began: datetime, at: datetime) -> None:
        """Pay for another year, unless the plan was changed or canceled since."""
        if customer.active and customer.allocated_at == began:
            with writing(self._shard.engine) as db:
                self._allocate(db, customer, customer.plan, "annual", at)

    def lose(self, day: date) -> None:
        """Schedule one day's cancellations."""
        active = [customer for customer in self.customers if customer.active]
        for customer in leavers(self._shard, day, active):
            at = moment(day, self._shard.rng_of(customer, "cancels at", day.toordinal()))
            self._agenda.plan(at, customer, partial(self._cancel, customer))

    def _cancel(self, customer: Customer, at: datetime) -> None:
        if not customer.active:
            return
        at = customer.next_moment(at)
        with writing(self._shard.engine) as db:
            cancel_plan(db, customer.workspace_id, key=f"cancel-{at:%Y-%m-%d}", actor=CUSTOMER, at=at)
        customer.leaves()
        rng = self._shard.rng_of(customer, "comes back", at.toordinal())
        if rng.random() < parameters.COMES_BACK:
            back = at + timedelta(days=float(rng.uniform(10, 120)))
            self._agenda.plan(back, customer, partial(self._come_back, customer))

    def _come_back(self, customer: Customer, at: datetime) -> None:
        if not customer.active:
            with writing(self._shard.engine) as db:
                self._allocate(db, customer, customer.plan, "monthly", at)
