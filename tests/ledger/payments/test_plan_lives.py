"""Random lives of subscriptions against a small model: the invariant holds, and lost events change nothing in the end."""

import random
from datetime import timedelta

import pytest

import ledger
from ledger.payments.plan_invoices import list_plan_invoices
from ledger.payments.price_mapping import map_price
from ledger.payments.reconcile import reconcile
from tests.plan_model import PlanModel
from tests.shop import Shop
from tests.subscriber import balance, priced, subscribes

STEPS = 9


class SubscriptionLife:
    """One life: a subscription, what happens to it, and the same read by the model."""

    def __init__(self, shop: Shop, prices: dict[tuple[str, str], str], seed: int) -> None:
        self.shop, self.dice, self.seed = shop, random.Random(seed), seed
        self.plans = {prices["starter", "monthly"]: ("starter", 1), prices["pro", "monthly"]: ("pro", 1)}
        coupon = shop.gateway.create_coupon(self.dice.choice((50, 100))) if self.dice.random() < 0.3 else None
        trial = self.dice.choice((None, None, 7))
        quantity = self.dice.choice((1, 1, 3))
        self.subscription = subscribes(
            shop, self.dice.choice(list(self.plans)), coupon=coupon, trial_days=trial, quantity=quantity
        )
        self.refunded: dict[str, int] = {}

    def step(self, number: int) -> None:
        """Let one thing happen, and some time pass."""
        chosen = self.dice.choice(
            (self._change, self._change, self._quantity, self._credit, self._pause, self._wait)
        )
        chosen(f"{self.seed}-{number}")
        self.shop.later(hours=self.dice.randint(1, 24 * 12)).gateway.run_due()

    def refund(self) -> None:
        """Refund the last paid invoice in full at the end of the life."""
        paid = [each for each in self._paid() if each.payment_intent and each.amount_paid_cents]
        if paid and self.dice.random() < 0.6:
            self.shop.gateway.refund(
                paid[-1].payment_intent, paid[-1].amount_paid_cents, idempotency_key="refund"
            )
            self.refunded[paid[-1].invoice] = paid[-1].amount_paid_cents

    def expected(self) -> int:
        """Return the minutes by the model."""
        paid = self._paid()
        model = PlanModel(self.plans, trial_ends=self.subscription.trial_end)
        everything = list(self.shop.gateway.list_invoices(subscription=self.subscription.subscription))
        periods = [
            (line.period_start, line.period_end)
            for each in everything
            for line in each.lines
            if not line.proration
        ]
        current = self.shop.gateway.fetch_subscription(self.subscription.subscription)
        periods.append((current.period_start, current.period_end))
        for invoice in paid:
            model.pays(invoice, periods)
        for invoice, cents in self.refunded.items():
            model.refunds(invoice, cents, cents)
        return model.minutes

    def holds(self) -> None:
        """Check that every paid invoice has an outcome and the ledger proves itself."""
        with ledger.reading(self.shop.engine) as db:
            settled = {each.invoice_id: each.outcome for each in list_plan_invoices(db, "acme")}
            assert ledger.verify(db) == []
        assert set(settled) == {each.invoice for each in self._paid()}
        assert set(settled.values()) <= {"lots", "nothing"}

    def _paid(self) -> list:
        invoices = self.shop.gateway.list_invoices(subscription=self.subscription.subscription)
        paid = [each for each in invoices if each.status == "paid"]
        return sorted(paid, key=lambda each: (each.paid_at, each.created, each.invoice))

    def _change(self, key: str) -> None:
        prorate = self.dice.choice(("always_invoice", "create_prorations"))
        price = self.dice.choice(list(self.plans))
        self.shop.gateway.change_subscription(
            self.subscription.subscription, price, idempotency_key=key, prorate=prorate
        )

    def _quantity(self, key: str) -> None:
        self.shop.gateway.change_subscription(
            self.subscription.subscription, quantity=self.dice.randint(1, 3), idempotency_key=key
        )

    def _credit(self, _: str) -> None:
        self.shop.gateway.credit_customer(self.subscription.customer, self.dice.randint(100, 5000))

    def _pause(self, _: str) -> None:
        self.shop.gateway.pause_subscription(self.subscription.subscription)
        self.shop.later(days=self.dice.randint(1, 40)).gateway.run_due()
        self.shop.gateway.resume_subscription(self.subscription.subscription)

    def _wait(self, _: str) -> None:
        self.shop.later(days=31).gateway.run_due()


@pytest.mark.parametrize("seed", range(8))
def test_a_random_life_ends_as_the_rules_say_at_every_step(shop: Shop, prices, seed: int):
    life = SubscriptionLife(shop, prices, seed)
    shop.works()
    for number in range(STEPS):
        life.step(number)
        shop.works()
        life.holds()
        assert balance(shop).plan_minutes == life.expected()
    life.refund()
    shop.works()

    assert balance(shop).plan_minutes == life.expected()
    life.holds()


@pytest.mark.parametrize("seed", range(8))
def test_any_subset_of_lost_events_is_repaired_to_the_same_ledger(shop: Shop, prices, seed: int):
    life = SubscriptionLife(shop, prices, seed)
    for number in range(STEPS):
        life.step(number)
    life.refund()
    events = [row["event_id"] for row in shop.rows("SELECT event_id FROM stripe_events ORDER BY event_id")]
    chance = random.Random(seed)
    arriving = [event for event in events if chance.random() < chance.choice((0.0, 0.3, 0.9))]
    chance.shuffle(arriving)
    shop.loses_events()
    for event in arriving:
        shop.runs(
            "UPDATE stripe_events SET status = 'pending', attempts = 0, next_attempt_at = :at WHERE event_id = :id",
            at=shop.now,
            id=event,
        )
        shop.works()

    since = shop.now - timedelta(days=900)
    reconcile(
        shop.engine, shop.gateway, since=since, until=shop.now + timedelta(days=1), actor="test", at=shop.now
    )

    life.holds()
    assert balance(shop).plan_minutes == life.expected()


def test_a_quarterly_price_a_quantity_and_a_manual_invoice_count_their_months(shop: Shop):
    price = priced(shop, 5700, "month", 3)
    with ledger.writing(shop.engine) as db:
        map_price(db, shop.gateway, price, plan="starter", billing_cycle="monthly", actor="ada", at=shop.now)
    subscribes(shop, price, quantity=2)
    shop.works()

    assert balance(shop).plan_minutes == 1200
