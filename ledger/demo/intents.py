"""Customers' decisions after the ledger's responses: buy, move to the larger plan or wait."""

from datetime import datetime, timedelta
from functools import partial

import numpy as np

from ledger.demo import parameters
from ledger.demo.agenda import Agenda
from ledger.demo.catalogue import OfferCatalogue, choose_package
from ledger.demo.checkout import Checkout
from ledger.demo.customers import Customer
from ledger.demo.plans import Plans
from ledger.demo.shard import Shard
from ledger.demo.usage import Call
from ledger.minutes.uses import Use

HOURS_TO_BUY = ((0.5, 0.5, 1.0), (0.3, 20.0, 0.6), (0.2, 110.0, 0.8))
"""Delay from limit to purchase: share of buyers, median in hours, spread. At once, the next day, a long tail."""
HOURS_AT_MOST = 30 * 24


class Intents:
    """Decisions of one shard's customers."""

    def __init__(
        self, shard: Shard, agenda: Agenda, catalogue: OfferCatalogue, plans: Plans, checkout: Checkout
    ) -> None:
        self._shard, self._agenda = shard, agenda
        self._catalogue, self._plans, self._checkout = catalogue, plans, checkout

    def react(self, call: Call, answer: Use) -> None:
        """Plan a customer's next action after its call's result."""
        customer = call.customer
        customer.record_resets_until(call.at)
        customer.latest_at = max(customer.latest_at, call.at)
        if customer.blocked_at is not None:
            return
        if answer.unmet_minutes or answer.total_minutes == 0:
            customer.blocked_at = call.at
            customer.hits += 1
            self._consider(customer, call.at)
        elif answer.thresholds and not customer.warned:
            customer.warned = True
            self._consider_ahead(customer, call.at)

    def _consider(self, customer: Customer, at: datetime) -> None:
        """Decide once for a blocked customer: buy, move to the larger plan, or wait."""
        rng = self._shard.rng_of(customer, "limit", customer.hits)
        later = at + _delay(rng)
        if not customer.active:
            return
        if package := choose_package(self._catalogue.offer(customer, at), customer, at, rng):
            pay = partial(self._checkout.pay, customer, package, f"after limit {customer.hits}")
            self._agenda.plan(later, customer, pay)
        elif customer.plan == "starter" and rng.random() < parameters.UPGRADES_INSTEAD:
            self._plans.change_later(customer, later, plan="pro")

    def _consider_ahead(self, customer: Customer, at: datetime) -> None:
        """Let a few customers buy after a usage alert, before they are blocked."""
        rng = self._shard.rng_of(customer, "warning", at.toordinal())
        if customer.active and rng.random() < parameters.BUYS_AHEAD:
            package = (
                choose_package(self._catalogue.offer(customer, at), customer, at, rng, buys=True) or "small"
            )
            pay = partial(self._checkout.pay, customer, package, f"ahead on {at:%Y-%m-%d}")
            self._agenda.plan(at + timedelta(hours=float(rng.exponential(6))), customer, pay)


def _delay(rng: np.random.Generator) -> timedelta:
    shares, medians, spreads = zip(*HOURS_TO_BUY, strict=True)
    kind = int(rng.choice(len(shares), p=shares))
    return timedelta(hours=float(min(rng.lognormal(np.log(medians[kind]), spreads[kind]), HOURS_AT_MOST)))
