"""Package offers and customers' choices."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
from sqlalchemy import Connection, Engine

from ledger.database import reading, writing
from ledger.demo import parameters
from ledger.demo.customers import Customer
from ledger.payments.catalogue import (
    Package,
    PriceTest,
    list_packages,
    list_price_tests,
    publish_package,
    start_price_test,
)
from ledger.payments.package_terms import STANDARD

NEED_AT_MOST = timedelta(days=45)
"""Longest time that a customer stocks up for."""
CATALOGUE_STAFF = "pia.pricing@demo.invalid"


class OfferCatalogue:
    """The packages as each customer sees them, including the price test."""

    def __init__(self, engine: Engine, test: PriceTest) -> None:
        self._engine, self._test = engine, test
        self._offers: dict[str, list[Package]] = {}

    def offer(self, customer: Customer, at: datetime) -> list[Package]:
        """Return a customer's offers at `at`; prices do not change within an arm of the demo."""
        test = self._test
        running = test.starts_at <= at and (test.ends_at is None or at < test.ends_at)
        arm = test.arm_of(customer.workspace_id) if running else STANDARD
        if arm not in self._offers:
            with reading(self._engine) as db:
                self._offers[arm] = list_packages(db, customer.workspace_id, at=at)
        return self._offers[arm]


def open_catalogue(engine: Engine, first: date, until: date) -> OfferCatalogue:
    """Return the catalogue, adding this history's price test if it is missing."""
    with writing(engine) as db:
        tests = {test.test: test for test in list_price_tests(db)}
        test = tests.get(parameters.PRICE_TEST) or _start_test(db, first, until)
    return OfferCatalogue(engine, test)


def _start_test(db: Connection, first: date, until: date) -> PriceTest:
    """Start a six-week test in the last third of the history, or a shorter one in a short history."""
    length = min(parameters.TEST_LENGTH, timedelta(days=(until - first).days // 2))
    starts_at = datetime.combine(first + ((until - first) - length) * 5 // 6, time(), UTC)
    for package in list_packages(db, at=starts_at):
        publish_package(
            db,
            package.code,
            name=package.name,
            minutes=package.minutes,
            amount_cents=round(package.amount_cents * parameters.OTHER_PRICES),
            currency=package.currency,
            arm=parameters.OTHER_ARM,
            valid_from=starts_at,
            valid_to=starts_at + length,
            actor=CATALOGUE_STAFF,
        )
    arms = (STANDARD, parameters.OTHER_ARM)
    return start_price_test(
        db,
        parameters.PRICE_TEST,
        arms,
        starts_at=starts_at,
        ends_at=starts_at + length,
        actor=CATALOGUE_STAFF,
    )


def choose_package(
    offer: Sequence[Package],
    customer: Customer,
    at: datetime,
    rng: np.random.Generator,
    *,
    buys: bool = False,
) -> str | None:
    """Draw the package that a customer buys, or None to wait. `buys`: it certainly buys one."""
    need = min(customer.minutes_a_day * _until_credit(customer, at).total_seconds() / 86_400, 3_000)
    worth = [
        parameters.READINESS[customer.plan]
        + parameters.NEED_WORTH * min(package.minutes, need)
        - parameters.PRICE_SENSITIVITY * package.amount_cents / 100
        for package in offer
    ]
    weights = np.exp([-np.inf if buys else 0.0, *worth])
    choice = int(rng.choice(len(weights), p=weights / weights.sum()))
    return offer[choice - 1].code if choice else None


def _until_credit(customer: Customer, at: datetime) -> timedelta:
    return min(customer.next_reset - at, NEED_AT_MOST) if customer.next_reset else NEED_AT_MOST
