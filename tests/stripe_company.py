"""A company with three years of history at Stripe that knows nothing of us, and its own plain account of it."""

from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from ledger.stripe_gateway import PaymentFacts
from tests.history.facts import Bought, History, Lived, Period, Quarrel, lived
from tests.history.figures import MONTH_MINUTES
from tests.sandbox_world import World

Uses = Sequence[tuple[str, datetime, str, int]]
BEGIN = datetime(2023, 4, 3, 9, tzinfo=UTC)
END = datetime(2026, 4, 10, 9, tzinfo=UTC)
FIRST_USE = BEGIN + timedelta(days=40)
PRICES = {"starter": (1900, "Starter plan"), "pro": (2900, "Pro plan")}
SOLD = {
    "Extra minutes Small": (60, {"usd": 999, "eur": 949}),
    "Extra minutes Medium": (150, {"usd": 1999, "eur": 1899}),
    "Bonus minutes": (220, {"usd": 2500, "eur": 2500}),
    "Consulting": (0, {"usd": 50000, "eur": 50000}),
}
"""Minutes and prices; Medium and Small are of our catalogue, the bonus was never sold by us, consulting is no package."""
DISPUTE_FEE_CENTS = 1500
ANSWERS = {
    "payments": {
        f"{name} {currency}": answer
        for name, answer in (("Bonus minutes, 25.00", "220 minutes"), ("Consulting, 500.00", "none"))
        for currency in ("USD", "EUR")
    }
}


class StripeCompany:
    """Six customers on monthly plans: one leaves, one upgrades, one gets a month back; what it knows is its `history`."""

    def __init__(self, engine: Engine) -> None:
        """Live through three years."""
        self.world = World(engine, listening=False)
        self.gateway = self.world.gateway
        self.history = History()
        self.dice = random.Random(5)
        self.world.now = BEGIN
        self.prices = {name: self._sells(name) for name in PRICES}
        self.customers: list[str] = []
        self.subscriptions: list[str] = []
        for number in range(6):
            self._joins(number)
        self._lives()

    def _sells(self, plan: str) -> str:
        cents, name = PRICES[plan]
        product = self.gateway.create_product(name, idempotency_key=f"product-{plan}")
        return self.gateway.create_price(
            product.product, cents, "usd", interval="month", idempotency_key=f"price-{plan}"
        ).price

    def _joins(self, number: int) -> None:
        named = {"workspace_id": f"team-{number}"} if number < 2 else None
        customer = self.gateway.create_customer(
            name=f"Team {number}",
            email=f"team{number}@example.com",
            payment_method="pm_card_visa",
            metadata=named,
            idempotency_key=f"customer-{number}",
        ).customer
        self.customers.append(customer)
        price = self.prices["starter" if number % 2 else "pro"]
        subscription = self.gateway.create_subscription(customer, price, idempotency_key=f"joins-{number}")
        self.subscriptions.append(subscription.subscription)
        plan = "starter" if number % 2 else "pro"
        self.history.periods[self.workspace_of(customer)].append(Period(plan, "monthly", self.world.now))

    def workspace_of(self, customer: str) -> str:
        """Where a customer's minutes go: named by metadata, or under the customer's own id."""
        number = self.customers.index(customer)
        return f"team-{number}" if number < 2 else customer

    def _lives(self) -> None:
        month = 0
        while self.world.now < END:
            self.world.now = min(self.world.now + timedelta(days=30), END)
            self.gateway.run_due()
            month += 1
            for customer in self.customers:
                if self.dice.random() < 0.3:
                    self._buys(customer)
            if month == 12:
                self._returns_a_plan()
            if month == 15:
                self.gateway.cancel_subscription(self.subscriptions[5])
                self._ends(5)
            if month == 21:
                self.gateway.change_subscription(
                    self.subscriptions[1], self.prices["pro"], idempotency_key="upgrade"
                )
                self._ends(1).append(Period("pro", "monthly", self.world.now))

        self.world.now += timedelta(days=1)

    def _ends(self, number: int) -> list[Period]:
        periods = self.history.periods[self.workspace_of(self.customers[number])]
        periods[-1].ends_at = self.world.now
        return periods

    def _returns_a_plan(self) -> None:
        """Refund the newest invoice of the customer who uses nothing."""
        listed = self.gateway.list_invoices(subscription=self.subscriptions[UNUSED])
        invoice = next(each for each in listed if each.status == "paid")
        self.gateway.refund(invoice.payment_intent or "", 2900, idempotency_key="plan-refund")
        workspace_id = self.workspace_of(self.customers[UNUSED])
        self.history.plan_minutes.append((workspace_id, self.world.now, "plan refund", -300))

    def _buys(self, customer: str) -> None:
        words, currency = self.dice.choice(list(SOLD)), self.dice.choice(["usd", "usd", "eur"])
        minutes, prices = SOLD[words]
        cents = prices[currency]
        card = "pm_card_chargeDeclined" if self.dice.random() < 0.15 else "pm_card_visa"
        payment = self._pays(customer, cents, currency, words, card)
        if payment is None or not minutes:
            return
        bought = Bought(
            self.workspace_of(customer), payment.payment_intent, payment.created, words, minutes, cents, currency,
            payment.fee_cents,
        )  # fmt: skip
        self.history.purchases.append(bought)
        luck = self.dice.random()
        if luck < 0.25:
            back = self.dice.choice([cents, cents // 3])
            self._waits()
            self.world.refunds(payment, back)
            bought.refunds.append((self.world.now, back))
        elif luck < 0.4:
            self._disputes(bought, won=luck < 0.33)

    def _disputes(self, bought: Bought, *, won: bool) -> None:
        """The money goes at once; when it is lost, Stripe has no later date for it."""
        self._waits()
        opened_at = self.world.now
        dispute = self.gateway.open_dispute(bought.name)
        self._waits()
        self.gateway.close_dispute(dispute.dispute, won=won)
        closed_at = self.world.now if won else opened_at
        fee_cents = 0 if won else DISPUTE_FEE_CENTS
        bought.quarrels.append(Quarrel(opened_at, closed_at, bought.cents, not won, fee_cents))

    def _waits(self) -> None:
        self.world.now += timedelta(days=2)
        self.gateway.run_due()

    def plan_minutes(self) -> list[tuple[str, datetime, str, int]]:
        """What the invoices say, read as the company's accountant would: whole months, and days of a changed plan."""
        given = []
        for customer, subscription in zip(self.customers, self.subscriptions, strict=True):
            for invoice in self.gateway.list_invoices(subscription=subscription):
                if invoice.status != "paid":
                    continue
                for number, line in enumerate(invoice.lines):
                    plan = next(name for name, price in self.prices.items() if price == line.price)
                    begins, ends = line.period_start, line.period_end
                    assert begins
                    assert ends
                    whole = (ends - months_before(ends)).total_seconds()
                    minutes = int(MONTH_MINUTES[plan] * (ends - begins).total_seconds() // whole)
                    at = invoice.paid_at or invoice.created
                    name = f"{invoice.invoice}-{number}"
                    given.append(
                        (
                            self.workspace_of(customer),
                            at,
                            name,
                            -minutes if line.amount_cents < 0 else minutes,
                        )
                    )
        return given

    def lived(self, uses: Uses = ()) -> Lived:
        """Return the company's account with these uses."""
        plans = [*self.history.plan_minutes, *self.plan_minutes()]
        return lived(replace(self.history, plan_minutes=plans, uses=list(uses)))

    def _pays(self, customer: str, cents: int, currency: str, words: str, card: str) -> PaymentFacts | None:
        about: dict[str, Any] = {
            "amount": cents,
            "currency": currency,
            "description": words,
            "customer": customer,
        }
        about |= {"payment_method": card, "confirm": True, "automatic_payment_methods": NO_REDIRECT}
        try:
            made = self.gateway._post("/v1/payment_intents", about, next(self.world.keys))
        except Exception as declined:
            if "declined" not in str(declined).lower():
                raise
            return None
        return self.gateway.fetch_payment(made["id"])


UNUSED = 2
"""The customer who uses no minutes."""
NO_REDIRECT = {"enabled": True, "allow_redirects": "never"}


def months_before(moment: datetime) -> datetime:
    """Return the same day and time of the month before."""
    return moment.replace(year=moment.year - (moment.month == 1), month=(moment.month - 2) % 12 + 1)


def write_uses(folder: Path, company: StripeCompany) -> Uses:
    """Write the uses of a product database: seconds, times without an offset, unsorted. Return them."""
    dice = random.Random(8)
    uses, rows = [], []
    busy = [customer for number, customer in enumerate(company.customers) if number != UNUSED]
    for number in range(900):
        workspace = company.workspace_of(dice.choice(busy))
        at = FIRST_USE + timedelta(seconds=dice.randrange(86_400 * 1000))
        seconds = dice.randrange(600, 5400)
        uses.append((workspace, at, f"call-{number:03}", -(-seconds // 60)))
        rows.append([workspace, f"call-{number:03}", seconds, f"{at:%Y-%m-%d %H:%M:%S}"])
    dice.shuffle(rows)
    with (folder / "calls.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["Team", "call_id", "duration_seconds", "ended_at"], *rows])
    (folder / "mapping.toml").write_text(
        '["calls.csv"]\nkind = "uses"\ntimezone = "UTC"\nunit = "seconds"\nrounding = "up"\n'
        '["calls.csv".columns]\nworkspace_id = "Team"\nkey = "call_id"\nminutes = "duration_seconds"\nat = "ended_at"\n'
    )
    return uses
