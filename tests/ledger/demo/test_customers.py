"""The people of the demo company: their clock, their choices and their leaving are as stated."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Connection, text

from ledger.demo import catalogue, churn, parameters, seasonality
from ledger.demo.customers import Customer, draw_customers
from ledger.payments.catalogue import list_packages


def test_the_clock_of_customers_is_that_of_the_ledger(db: Connection) -> None:
    anchors = [datetime(2024, 1, day, 9, 30, 0, 7, tzinfo=UTC) for day in range(1, 32)]
    ours = [
        seasonality.next_reset(anchor, anchor + timedelta(days=30 * n))
        for anchor in anchors
        for n in range(30)
    ]

    later = "CAST(:anchor AS timestamptz) + make_interval(days => 30 * n)"
    ask = text(f"SELECT next_reset(:anchor, {later}) FROM generate_series(0, 29) n")
    theirs = [each for anchor in anchors for each in db.scalars(ask, {"anchor": anchor})]

    assert ours == theirs


def a_customer(**changes: Any) -> Customer:
    """Somebody of median use on the small plan."""
    drawn = draw_customers(1, 1, date(2026, 1, 1), date(2026, 2, 1), 1)[0]
    drawn.start_plan("starter", "monthly", drawn.signs_up_at)
    drawn.calls_a_day = churn.MEDIAN_CALLS
    for name, value in changes.items():
        setattr(drawn, name, value)
    return drawn


def test_buying_has_the_effect_on_leaving_that_is_stated() -> None:
    blocked, buyer = a_customer(hits=1), a_customer(hits=1, bought=True)

    assert churn.hazard(a_customer()) == pytest.approx(parameters.LEAVES_A_MONTH)
    assert churn.hazard(buyer) / churn.hazard(blocked) == pytest.approx(parameters.LEAVING_AFTER_BUYING)


def test_choices_have_the_price_sensitivity_that_is_stated(db: Connection) -> None:
    customer = a_customer()
    at = customer.signs_up_at + timedelta(days=3)
    offer = list_packages(db, at=at)
    dearer = [replace(package, amount_cents=package.amount_cents * 5 // 4) for package in offer]
    rng = np.random.default_rng(1)

    shares = [
        Counter(catalogue.choose_package(each, customer, at, rng) for _ in range(30_000))
        for each in (offer, dearer)
    ]

    for package, other in zip(offer, dearer, strict=True):
        odds = [share[package.code] / share[None] for share in shares]
        dollars = (other.amount_cents - package.amount_cents) / 100
        error = sum(1 / share[code] for share in shares for code in (package.code, None)) ** 0.5
        assert abs(np.log(odds[1] / odds[0]) + parameters.PRICE_SENSITIVITY * dollars) < 4 * error


def test_who_needs_more_until_the_next_credit_chooses_larger_packages(db: Connection) -> None:
    light, heavy = a_customer(minutes_a_call=5.0), a_customer(minutes_a_call=80.0)
    at = light.signs_up_at + timedelta(days=3)
    offer = {package.code: package for package in list_packages(db, at=at)}
    rng = np.random.default_rng(1)

    bought = [
        np.mean([offer[_must_buy(offer, who, at, rng)].minutes for _ in range(2_000)])
        for who in (light, heavy)
    ]

    assert bought[1] > 1.5 * bought[0]


def _must_buy(offer: dict[str, Any], who: Customer, at: datetime, rng: np.random.Generator) -> str:
    code = catalogue.choose_package(list(offer.values()), who, at, rng, buys=True)
    assert code is not None
    return code
