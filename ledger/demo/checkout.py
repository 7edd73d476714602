"""Payments of the demo company: purchases, refunds and disputes, through the sandbox and the real payment functions.

Every call has a key or reads first, so an interrupted history can restart from its beginning.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np

from ledger.database import query, reading, writing
from ledger.demo import parameters
from ledger.demo.agenda import Agenda
from ledger.demo.customers import Customer
from ledger.demo.identity import uuid7
from ledger.demo.plans import CUSTOMER
from ledger.demo.seasonality import midnight
from ledger.demo.shard import Shard
from ledger.demo.support import SUPPORT
from ledger.payments.buying import buy, get_purchase, retry, sync_purchase
from ledger.payments.purchases import Purchase
from ledger.payments.refunds import refund_purchase
from ledger.settings import Settings
from ledger.stripe_gateway import Gateway, build_gateway

CARDS = ("pm_card_visa", "pm_card_visa", "pm_card_mastercard")
DECLINING_CARDS = (
    "pm_card_chargeDeclinedInsufficientFunds",
    "pm_card_chargeDeclinedInsufficientFunds",
    "pm_card_chargeDeclined",
    "pm_card_chargeDeclinedExpiredCard",
    "pm_card_chargeDeclinedIncorrectCvc",
    "pm_card_chargeDeclinedProcessingError",
)
REFUND_REASONS = (
    "Bought by mistake",
    "Bought twice",
    "Moved to the larger plan and no longer needs it",
    "Poor call quality",
    "Leaving, wants the unused minutes refunded",
)


INQUIRIES, WON = 0.25, 0.4
"""Share of disputes that are only inquiries, and share that the company wins."""
ANSWERED_AFTER = timedelta(days=5)
"""When support answers the bank, which waits for seven days."""
CONFIRMED = 0.8
"""Share of cardholders who confirm when their bank asks."""


@dataclass
class SandboxClock:
    """The sandbox's time while a history is created."""

    now: datetime

    def __call__(self) -> datetime:
        """Return the current time."""
        return self.now


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeCase:
    """A bank's planned action on a purchase: a dispute or an inquiry, decided after `takes`."""

    purchase: Purchase
    inquiry: bool
    takes: timedelta
    won: bool


class Checkout:
    """Checkout of the demo company."""

    def __init__(self, shard: Shard, agenda: Agenda) -> None:
        self._shard, self._engine, self._agenda = shard, shard.engine, agenda
        self._clock = SandboxClock(midnight(shard.first))
        settings = Settings(data_dir=Path())  # no key: the sandbox, whatever this installation uses
        self._gateway: Gateway = build_gateway(
            settings, engine=shard.engine, source="demo", clock=self._clock
        )

    def close(self) -> None:
        """Release the sandbox's connections."""
        self._gateway.close()

    def pay(self, customer: Customer, package: str, why: str, at: datetime) -> None:
        """Buy a package unless the customer has left; `why` identifies the purchase."""
        if not customer.active:
            return
        rng = self._shard.rng_of(customer, f"purchase {why}")
        at = customer.next_moment(at)
        luck = rng.random()
        key = str(uuid7(at, int(rng.integers(2**62))))
        if luck < parameters.ABANDONED:
            self._at(at, buy, customer, package, key=key, actor=CUSTOMER)
        elif luck < parameters.ABANDONED + parameters.DECLINED:
            self._pay_in_two_tries(customer, package, key, at, rng)
        elif luck < parameters.ABANDONED + parameters.DECLINED + parameters.CONFIRMS:
            self._pay_when_confirmed(customer, package, key, at, rng)
        else:
            card = str(rng.choice(CARDS))
            purchase = self._at(at, buy, customer, package, payment_method=card, key=key, actor=CUSTOMER)
            self._settle(customer, purchase, at, rng)

    def _pay_in_two_tries(
        self, customer: Customer, package: str, key: str, at: datetime, rng: np.random.Generator
    ) -> None:
        card = str(rng.choice(DECLINING_CARDS))
        purchase = self._at(at, buy, customer, package, payment_method=card, key=key, actor=CUSTOMER)
        if rng.random() < parameters.TRIES_AGAIN:
            at = customer.next_moment(at + timedelta(seconds=int(rng.integers(40, 900))))
            card = str(rng.choice(CARDS))
            self._at(at, retry, customer, purchase.purchase_id, payment_method=card, key=f"{key}:2")
            self._settle(customer, purchase, at, rng)

    def _pay_when_confirmed(
        self, customer: Customer, package: str, key: str, at: datetime, rng: np.random.Generator
    ) -> None:
        card = "pm_card_authenticationRequired"
        purchase = self._at(at, buy, customer, package, payment_method=card, key=key, actor=CUSTOMER)
        at = customer.next_moment(at + timedelta(seconds=int(rng.integers(20, 120))))
        succeeds = bool(rng.random() < CONFIRMED)
        if purchase.status == "requires_action":  # else this is a repeat, and it was confirmed the first time
            self._clock.now = at
            self._gateway.complete_authentication(purchase.payment_intent or "", succeed=succeeds)
        self._settle(customer, purchase, at, rng)

    def _at(
        self, at: datetime, do: Callable[..., Purchase], customer: Customer, what: object, **more: str
    ) -> Purchase:
        """Act on a purchase while the sandbox's clock is at `at`."""
        self._clock.now = at
        return do(self._engine, self._gateway, customer.workspace_id, what, at=at, **more)

    def _settle(self, customer: Customer, purchase: Purchase, at: datetime, rng: np.random.Generator) -> None:
        """Process Stripe's event, then draw the purchase's outcome."""
        purchase = self._sync(customer, purchase, customer.next_moment(at + timedelta(seconds=2)))
        if purchase.lot_id is None:
            return
        customer.record_credit()
        customer.bought = customer.bought or customer.hits > 0
        fate = rng.random()
        if fate < parameters.REFUNDED:
            share = float(rng.choice([1.0, 1.0, 0.5]))
            reason = str(rng.choice(REFUND_REASONS))
            later = at + timedelta(days=float(rng.exponential(5)))
            self._agenda.plan(later, customer, partial(self._refund, customer, purchase, share, reason))
        elif fate < parameters.REFUNDED + parameters.DISPUTED:
            later = at + timedelta(days=float(rng.uniform(4, 40)))
            case = DisputeCase(
                purchase=purchase,
                inquiry=bool(rng.random() < INQUIRIES),
                takes=timedelta(days=float(rng.uniform(12, 45))),
                won=bool(rng.random() < WON),
            )
            self._agenda.plan(later, customer, partial(self._dispute, customer, case))

    def _sync(self, customer: Customer, purchase: Purchase, at: datetime) -> Purchase:
        self._clock.now = at
        with writing(self._engine) as db:
            return sync_purchase(db, self._gateway, customer.workspace_id, purchase.purchase_id, at=at)

    def _now(self, purchase: Purchase) -> Purchase:
        with reading(self._engine) as db:
            return get_purchase(db, purchase.workspace_id, purchase.purchase_id)

    def _refund(
        self, customer: Customer, purchase: Purchase, share: float, reason: str, at: datetime
    ) -> None:
        at = customer.next_moment(at)
        self._clock.now = at
        refund_purchase(
            self._engine,
            self._gateway,
            customer.workspace_id,
            purchase.purchase_id,
            round(purchase.amount_cents * share),
            reason=reason,
            key=f"refund:{purchase.purchase_id}",
            actor=SUPPORT,
            at=at,
        )

    def _dispute(self, customer: Customer, case: DisputeCase, at: datetime) -> None:
        at = customer.next_moment(at)
        self._clock.now = at
        if self._now(case.purchase).dispute_status is None:
            self._gateway.open_dispute(case.purchase.payment_intent or "", inquiry=case.inquiry)
        self._sync(customer, case.purchase, at)
        self._agenda.plan(at + ANSWERED_AFTER, customer, partial(self._answer, customer, case))
        self._agenda.plan(at + case.takes, customer, partial(self._close, customer, case))

    def _answer(self, customer: Customer, case: DisputeCase, at: datetime) -> None:
        """Support answers before the bank's deadline."""
        at = customer.next_moment(at)
        self._clock.now = at
        for dispute_id in self._open_disputes(case):
            self._gateway.answer_dispute(dispute_id)
        self._sync(customer, case.purchase, at)

    def _close(self, customer: Customer, case: DisputeCase, at: datetime) -> None:
        at = customer.next_moment(at)
        self._clock.now = at
        for dispute_id in self._open_disputes(case):
            self._gateway.close_dispute(dispute_id, won=case.won)
        self._sync(customer, case.purchase, at)

    def _open_disputes(self, case: DisputeCase) -> list[str]:
        which = {
            "workspace_id": case.purchase.workspace_id,
            "purchase_id": case.purchase.purchase_id,
        }
        with reading(self._engine) as db:
            disputes = db.execute(query("list_disputes"), which).all()
        return [dispute.dispute_id for dispute in disputes if dispute.closed_at is None]
