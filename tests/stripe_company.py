"""A company with three years of history at Stripe that knows nothing of us, and its own plain account of it."""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from ledger.stripe_gateway import PaymentFacts
from tests.foreign_export import Reading
from tests.sandbox_world import World

Events = dict[str, list[tuple[datetime, int, str, object]]]
BEGIN = datetime(2023, 4, 3, 9, tzinfo=UTC)
END = datetime(2026, 4, 10, 9, tzinfo=UTC)
FIRST_USE = BEGIN + timedelta(days=40)
PRICES = {"starter": (1900, "Starter plan"), "pro": (2900, "Pro plan")}
MONTHLY = {"starter": 200, "pro": 300}
SOLD = {
    "Extra minutes Small": (999, 60),
    "Extra minutes Medium": (1999, 150),
    "Bonus minutes": (2500, 220),
    "Consulting": (50000, 0),
}
"""Amount and minutes; Medium and Small are of our catalogue, the bonus was never sold by us, consulting is no package."""
ANSWERS = {
    "payments": {
        "Bonus minutes, 25.00 USD": "220 minutes",
        "Consulting, 500.00 USD": "none",
    }
}


class StripeCompany:
    """Six customers on monthly plans: one leaves, one upgrades, one gets a month back; what it knows is in `books`."""

    def __init__(self, engine: Engine) -> None:
        """Live through three years."""
        self.world = World(engine, listening=False)
        self.gateway = self.world.gateway
        self.books = Reading()
        self.events: Events = defaultdict(list)
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
            if month == 21:
                self.gateway.change_subscription(
                    self.subscriptions[1], self.prices["pro"], idempotency_key="upgrade"
                )

        self.world.now += timedelta(days=1)

    def _returns_a_plan(self) -> None:
        """Refund the newest invoice of the customer who uses nothing."""
        listed = self.gateway.list_invoices(subscription=self.subscriptions[UNUSED])
        invoice = next(each for each in listed if each.status == "paid")
        self.gateway.refund(invoice.payment_intent or "", 2900, idempotency_key="plan-refund")
        self.events[self.workspace_of(self.customers[UNUSED])].append((self.world.now, 4, "plan refund", 300))

    def _buys(self, customer: str) -> None:
        words = self.dice.choice(list(SOLD))
        cents, minutes = SOLD[words]
        card = "pm_card_chargeDeclined" if self.dice.random() < 0.15 else "pm_card_visa"
        payment = self._pays(customer, cents, words, card)
        if payment is None or not minutes:
            return
        workspace_id = self.workspace_of(customer)
        self.books.gross += cents
        self.books.sizes.append(minutes)
        self.books.bought.append((workspace_id, payment.created))
        self.events[workspace_id].append((payment.created, 1, payment.payment_intent, minutes))
        if self.dice.random() < 0.25:
            back = self.dice.choice([cents, cents // 3])
            self.world.now += timedelta(days=2)
            self.gateway.run_due()
            self.world.refunds(payment, back)
            self.books.refunded += back
            target = minutes * back // cents
            self.events[workspace_id].append((self.world.now, 3, payment.payment_intent, target))

    def plan_events(self) -> Events:
        """What the invoices say, read as the company's accountant would: whole months, and days of a changed plan."""
        events: Events = defaultdict(list)
        for customer, subscription in zip(self.customers, self.subscriptions, strict=True):
            mine = events[self.workspace_of(customer)]
            for invoice in self.gateway.list_invoices(subscription=subscription):
                if invoice.status != "paid":
                    continue
                for number, line in enumerate(invoice.lines):
                    plan = next(name for name, price in self.prices.items() if price == line.price)
                    begins, ends = line.period_start, line.period_end
                    assert begins
                    assert ends
                    whole = (ends - months_before(ends)).total_seconds()
                    minutes = int(MONTHLY[plan] * (ends - begins).total_seconds() // whole)
                    kind = 4 if line.amount_cents < 0 else 0
                    mine.append(
                        (invoice.paid_at or invoice.created, kind, f"{invoice.invoice}-{number}", minutes)
                    )
        return events

    def _pays(self, customer: str, cents: int, words: str, card: str) -> PaymentFacts | None:
        about: dict[str, Any] = {
            "amount": cents,
            "currency": "usd",
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


def write_uses(folder: Path, company: StripeCompany) -> Events:
    """Write the uses of a product database: seconds, times without an offset, unsorted. Return them as events."""
    dice = random.Random(8)
    events: Events = defaultdict(list)
    rows = []
    busy = [customer for number, customer in enumerate(company.customers) if number != UNUSED]
    for number in range(900):
        workspace = company.workspace_of(dice.choice(busy))
        at = FIRST_USE + timedelta(seconds=dice.randrange(86_400 * 1000))
        seconds = dice.randrange(600, 5400)
        events[workspace].append((at, 2, f"call-{number:03}", -(-seconds // 60)))
        rows.append([workspace, f"call-{number:03}", seconds, f"{at:%Y-%m-%d %H:%M:%S}"])
    dice.shuffle(rows)
    with (folder / "calls.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["Team", "call_id", "duration_seconds", "ended_at"], *rows])
    (folder / "mapping.toml").write_text(
        '["calls.csv"]\nkind = "uses"\ntimezone = "UTC"\nunit = "seconds"\nrounding = "up"\n'
        '["calls.csv".columns]\nworkspace_id = "Team"\nkey = "call_id"\nminutes = "duration_seconds"\nat = "ended_at"\n'
    )
    return events
