"""Purchases over all workspaces, whatever became of them."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from ledger.metrics import each_row
from ledger.payments.catalogue import publish_package
from ledger.payments.names import catalogue_names
from ledger.payments.purchases import place_purchase
from ledger.payments.sales import (
    PurchaseFilters,
    each_purchase,
    list_purchases,
    purchase_totals,
)
from tests import mini_ledger
from tests.databases import as_owner
from tests.mini_ledger import AS_OF, START

ALL = PurchaseFilters(start=START, end=AS_OF, source="live")


@pytest.fixture
def sold(db):
    mini_ledger.live_through(db)
    return db


def test_count_and_control_sum_are_those_of_the_list(sold):
    (total,) = purchase_totals(sold, ALL)

    result = list(each_purchase(sold, ALL))
    assert (
        (total.purchases, total.amount_cents)
        == (len(result), sum(row["amount_cents"] for row in result))
        == (7, 17493)
    )


def test_unpaid_purchases_are_listed_too(sold):
    place_purchase(sold, "W06", "small", mode="live", key="left", actor="owner", at=AS_OF - timedelta(days=1))

    newest = list_purchases(sold, ALL, limit=1, offset=0)[0]

    assert (newest["workspace_id"], newest["status"], newest["paid_at"]) == ("W06", "requires_payment", None)


def test_pages_together_are_the_whole(sold):
    paged = [row for offset in (0, 3, 6) for row in list_purchases(sold, ALL, limit=3, offset=offset)]

    assert paged == list(each_purchase(sold, ALL))


def test_states_packages_and_sources_are_distinguished(sold):
    chosen = {
        "refunded": PurchaseFilters(START, AS_OF, "live", states=("refunded",)),
        "medium": PurchaseFilters(START, AS_OF, "live", packages=("medium",)),
        "test": PurchaseFilters(START, AS_OF, "stripe_test"),
        "none": PurchaseFilters(START, START, "live"),
    }

    counts = {
        name: sum(total.purchases for total in purchase_totals(sold, one)) for name, one in chosen.items()
    }

    assert counts == {"refunded": 1, "medium": 3, "test": 1, "none": 0}


def test_packages_that_can_be_chosen_are_those_of_the_catalogue_smallest_first(db):
    publish_package(
        db, "large", name="Large", minutes=90, amount_cents=1499, valid_from=AS_OF, actor="pat@example.com"
    )

    assert list(catalogue_names(db).packages) == ["small", "large", "medium", "jumbo"]


@pytest.mark.parametrize(
    "chosen", [{"plan": "starter"}, {"plan": "pro"}, {"billing_cycle": "monthly"}, {"plan": "none"}]
)
def test_purchases_of_a_plan_are_those_behind_the_number_of_that_plan(sold, chosen):
    arguments = {"start": START, "end": AS_OF, "as_of": AS_OF, "source": "live"}

    listed = {row["purchase_id"] for row in each_purchase(sold, replace(ALL, **chosen))}
    counted = sum(total.purchases for total in purchase_totals(sold, replace(ALL, **chosen)))
    behind = {row["purchase_id"] for row in each_row(sold, "revenue-gross", **arguments, **chosen)}

    assert listed == behind
    assert counted == len(listed)


def test_of_two_subscription_periods_around_a_purchase_the_one_that_began_last_is_its_plan(sold):
    with as_owner(sold):
        sold.execute(
            text(
                "INSERT INTO subscriptions VALUES ('W02', 9, 'pro', 'monthly', 'ledger', '2026-03-01', NULL)"
            )
        )

    counts = [
        sum(total.purchases for total in purchase_totals(sold, replace(ALL, plan=plan)))
        for plan in ("pro", "starter")
    ]

    assert counts == [1, 6]


def test_every_purchase_has_one_plan(sold):
    parts = [len(list(each_purchase(sold, replace(ALL, plan=plan)))) for plan in ("starter", "pro", "none")]

    assert sum(parts) == 7


def test_what_began_after_the_moment_of_reading_is_not_listed(sold):
    day = AS_OF - timedelta(days=40)

    result = list(each_purchase(sold, replace(ALL, as_of=day)))

    assert 0 < len(result) < 7
    assert all(row["created_at"] <= day for row in result)
