"""Random lives of subscriptions against a small model: the invariant holds, and lost events change nothing in the end."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest

import ledger
from ledger.payments.plan_invoices import list_plan_invoices
from ledger.payments.plan_lines import owed_minutes
from ledger.payments.price_mapping import map_price
from ledger.payments.reconcile import reconcile
from tests.databases import migrated_database
from tests.depth import rounds
from tests.plan_model import PlanModel
from tests.shop import Shop, open_shop
from tests.subscriber import balance, priced, publish_plans, subscribes

STEPS = 9


class SubscriptionLife:
    """One life: a subscription, what happens to it, and the same read by the model."""

    def __init__(self, shop: Shop, prices: dict[tuple[str, str], str], seed: int) -> None:
        self.shop, self.dice, self.seed = shop, random.Random(seed), seed
        self.plans = self.sold(prices)
        coupon = shop.gateway.create_coupon(self.dice.choice((50, 100))) if self.dice.random() < 0.3 else None
        trial = self.dice.choice((None, None, 7))
        quantity = self.dice.choice((1, 1, 3))
        self.subscription = subscribes(
            shop, self.dice.choice(list(self.plans)), coupon=coupon, trial_days=trial, quantity=quantity
        )
        self.refunded: dict[str, tuple[datetime, int, int]] = {}
        self.used: list[tuple[datetime, int]] = []

    def sold(self, prices: dict[tuple[str, str], str]) -> dict[str, tuple[str, int]]:
        """Return the prices between which the customer chooses: plan and months of each."""
        return {prices["starter", "monthly"]: ("starter", 1), prices["pro", "monthly"]: ("pro", 1)}

    def things(self) -> tuple[Callable[[str], None], ...]:
        """Return what can happen."""
        return (self._change, self._change, self._quantity, self._credit, self._pause, self._wait)

    def step(self, number: int) -> None:
        """Let one thing happen, and some time pass."""
        self.dice.choice(self.things())(f"{self.seed}-{number}")
        self.shop.later(hours=self.dice.randint(1, 24 * 12)).gateway.run_due()

    def refund(self) -> None:
        """Refund the last paid invoice in full at the end of the life."""
        if self.dice.random() < 0.6:
            self._refund_last("refund", parts=1)

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
        booked = [(each.paid_at, 0, partial(model.pays, each, periods)) for each in paid]
        for invoice, (at, cents, of_cents) in self.refunded.items():
            booked.append((at, 1, partial(model.refunds, invoice, cents, of_cents)))
        booked += [(at, 2, partial(model.uses, minutes)) for at, minutes in self.used]
        for _, _, books in sorted(booked, key=lambda each: each[:2]):
            books()
        with ledger.reading(self.shop.engine) as db:
            assert owed_minutes(db, "acme") == model.owed
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
        paid = [each for each in reversed(list(invoices)) if each.status == "paid"]  # oldest first
        return sorted(paid, key=lambda each: (each.paid_at, each.created))

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

    def _refund_last(self, key: str, *, parts: int) -> None:
        """Refund the last paid invoice whose money is still there, in full or one part of it."""
        paid = [each for each in self._paid() if each.payment_intent and each.amount_paid_cents >= parts]
        if not paid or paid[-1].invoice in self.refunded:
            return
        cents = paid[-1].amount_paid_cents // parts
        self.shop.gateway.refund(paid[-1].payment_intent, cents, idempotency_key=key)
        self.refunded[paid[-1].invoice] = (self.shop.now, cents, paid[-1].worth_cents)


class LifeOfAllPrices(SubscriptionLife):
    """Monthly, quarterly and annual prices; money goes back in the middle, in full or in part."""

    def sold(self, prices: dict[tuple[str, str], str]) -> dict[str, tuple[str, int]]:
        """Return further prices: a quarter of Starter, and a year of Pro."""
        quarter = priced(self.shop, 5700, "month", 3)
        with ledger.writing(self.shop.engine) as db:
            map_price(
                db,
                self.shop.gateway,
                quarter,
                plan="starter",
                billing_cycle="monthly",
                actor="ada",
                at=self.shop.now,
            )
        return super().sold(prices) | {quarter: ("starter", 3), prices["pro", "annual"]: ("pro", 12)}

    def things(self) -> tuple[Callable[[str], None], ...]:
        """Return what can happen: refunds, disputes and long waits too."""
        return (*super().things(), self._refund, self._refund, self._dispute, self._long_wait)

    def refund(self) -> None:
        """Refund the last paid invoice at the end of the life, or cancel, which takes nothing back."""
        if self.dice.random() < 0.5:
            self.shop.gateway.cancel_subscription(self.subscription.subscription)
        else:
            super().refund()

    def _dispute(self, _: str) -> None:
        """Let the bank take the whole payment of the last invoice back, and keep it."""
        paid = [each for each in self._paid() if each.payment_intent and each.amount_paid_cents]
        if paid and paid[-1].invoice not in self.refunded:
            self.shop.gateway.open_dispute(paid[-1].payment_intent)
            self.refunded[paid[-1].invoice] = (self.shop.now, 1, 1)

    def _refund(self, key: str) -> None:
        self._refund_last(f"refund-{key}", parts=self.dice.choice((1, 2, 3)))

    def _long_wait(self, _: str) -> None:
        self.shop.later(days=370).gateway.run_due()


class LifeOfUse(LifeOfAllPrices):
    """Minutes are used between the changes, often all of them: what a change returns is then owed."""

    def use(self) -> None:
        """Use some or all of the minutes, when every event has arrived."""
        minutes = balance(self.shop).plan_minutes
        if self.dice.random() < 0.7 and minutes:
            self.used.append((self.shop.now, self.dice.choice((minutes, self.dice.randint(1, minutes)))))
            self.shop.uses(self.used[-1][1])


def lots(shop: Shop) -> list[tuple]:
    """Return what each lot gave and still holds, whatever its number."""
    return sorted((lot.period_start, lot.minutes, lot.voided, lot.remaining) for lot in balance(shop).lots)


def arrive(shop: Shop, seed: int) -> None:
    """Let some of the events that wait arrive, in any order, and none of the others ever."""
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


def repairs(shop: Shop) -> None:
    """Compare everything with Stripe and settle it."""
    since = shop.now - timedelta(days=4000)
    reconcile(
        shop.engine, shop.gateway, since=since, until=shop.now + timedelta(days=1), actor="test", at=shop.now
    )


@pytest.mark.parametrize("seed", range(rounds(2, deep=24)))
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


@pytest.mark.parametrize("seed", range(rounds(2, deep=24)))
def test_any_subset_of_lost_events_is_repaired_to_the_same_ledger(shop: Shop, prices, seed: int):
    life = SubscriptionLife(shop, prices, seed)
    for number in range(STEPS):
        life.step(number)
    life.refund()
    arrive(shop, seed)
    repairs(shop)

    life.holds()
    assert balance(shop).plan_minutes == life.expected()


@pytest.mark.parametrize("seed", range(100, 100 + rounds(3, deep=18)))
def test_refunds_in_the_middle_and_longer_prices_end_as_the_rules_say_at_every_step(
    shop: Shop, prices, seed: int
):
    life = LifeOfAllPrices(shop, prices, seed)
    shop.works()
    for number in range(STEPS):
        life.step(number)
        shop.works()
        life.holds()
        assert balance(shop).plan_minutes == life.expected()


@pytest.mark.parametrize("seed", range(400, 400 + rounds(2, deep=18)))
def test_used_minutes_whose_money_was_returned_are_settled_by_the_next_credits(shop: Shop, prices, seed: int):
    life = LifeOfUse(shop, prices, seed)
    shop.works()
    for number in range(STEPS):
        life.use()
        life.step(number)
        shop.works()
        life.holds()
        assert balance(shop).plan_minutes == life.expected()


@pytest.mark.parametrize("seed", range(300, 300 + rounds(2, deep=12)))
def test_lost_repeated_and_shuffled_events_are_repaired_at_every_step(shop: Shop, prices, seed: int):
    life = LifeOfAllPrices(shop, prices, seed)
    for number in range(STEPS):
        life.step(number)
        arrive(shop, seed + number)
        repairs(shop)
        life.holds()
        assert balance(shop).plan_minutes == life.expected()


@pytest.mark.parametrize("life_of", [SubscriptionLife, LifeOfAllPrices])
@pytest.mark.parametrize("seed", range(200, 200 + rounds(1, deep=9)))
def test_lost_events_end_in_the_lots_of_a_ledger_that_received_them_all(
    engine, now, seed: int, life_of: type[SubscriptionLife]
):
    with (
        migrated_database() as elsewhere,
        open_shop(elsewhere, now) as notified,
        open_shop(engine, now) as unnotified,
    ):
        for shop in (notified, unnotified):
            life = life_of(shop, publish_plans(shop), seed)
            shop.works()
            for number in range(STEPS):
                life.step(number)
                if shop is notified:
                    shop.works()
            life.refund()
        notified.works()
        arrive(unnotified, seed)
        repairs(unnotified)

        assert lots(unnotified) == lots(notified)
        life.holds()
