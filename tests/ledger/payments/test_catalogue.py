"""What is sold: versions, price tests by hash, and prices that never rewrite old purchases."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import text

import ledger
from ledger.minutes.attributes import set_attributes
from ledger.payments.catalogue import (
    end_price_test,
    list_package_versions,
    list_packages,
    list_plan_prices,
    list_price_tests,
    price_test_arm,
    publish_package,
    publish_plan_price,
    running_price_test,
    start_price_test,
    withdraw_package,
)
from ledger.payments.errors import CatalogueConflict, InvalidCatalogue, UnknownPriceTest
from ledger.payments.price_mapping import map_price
from tests.subscriber import subscribes


def prices(db, at, workspace_id=None):
    return {package.code: package.amount_cents for package in list_packages(db, workspace_id, at=at)}


def sells(db, at, **change):
    about = {"name": "Small", "minutes": 60, "amount_cents": 899, "valid_from": at, "actor": "test"}
    return publish_package(db, **{"code": "small"} | about | change)


def test_four_packages_are_on_sale_from_the_start_smallest_first(db, now):
    offer = [(p.code, p.minutes, p.amount_cents, p.currency) for p in list_packages(db, at=now)]

    assert offer == [
        ("small", 60, 999, "usd"),
        ("medium", 150, 1999, "usd"),
        ("large", 300, 3499, "usd"),
        ("jumbo", 600, 5999, "usd"),
    ]


def test_a_new_version_takes_over_at_its_time_and_not_before(db, now):
    sells(db, now + timedelta(days=1))

    assert prices(db, now)["small"] == 999
    assert prices(db, now + timedelta(days=1) - timedelta(microseconds=1))["small"] == 999
    assert prices(db, now + timedelta(days=1))["small"] == 899
    assert [p.version for p in list_package_versions(db) if p.code == "small"] == [2, 1]


def test_a_withdrawn_package_is_off_sale_and_a_new_version_brings_it_back(db, now):
    withdraw_package(db, "small", at=now)
    assert "small" not in prices(db, now)

    sells(db, now + timedelta(hours=1))

    assert prices(db, now + timedelta(hours=1))["small"] == 899


@pytest.mark.parametrize(
    "change",
    [
        {"minutes": 0},
        {"minutes": -1},
        {"minutes": 1_000_001},
        {"amount_cents": 0},
        {"amount_cents": 10**9},
        {"name": ""},
        {"name": 101 * "x"},
        {"name": "\ud800"},
        {"arm": "No Arm"},
        {"currency": "dollars"},
        {"currency": "zzz"},
        {"amount_cents": 49},
        {"amount_cents": 3005, "currency": "kwd"},
    ],
)
def test_what_cannot_be_sold_is_refused(db, now, change):
    with pytest.raises(InvalidCatalogue) as refused, db.begin_nested():
        sells(db, now, **change)

    assert "violates" not in str(refused.value), "staff get our words, not PostgreSQL's"


def test_product_and_price_at_stripe_are_remembered_with_the_version(db, now):
    sells(db, now, stripe_product="prod_1", stripe_price="price_1")

    (stored,) = [p for p in list_packages(db, at=now) if p.code == "small"]
    assert (stored.stripe_product, stored.stripe_price) == ("prod_1", "price_1")


def test_during_a_price_test_each_workspace_sees_the_offer_of_its_arm(db, now):
    sells(db, now, arm="low")
    test = start_price_test(db, "spring", ("standard", "low"), starts_at=now, ends_at=None, actor="test")
    workspaces = [f"w{number}" for number in range(400)]

    seen = Counter(prices(db, now, each)["small"] for each in workspaces)

    assert set(seen) == {999, 899}
    assert all(150 < count < 250 for count in seen.values())
    for each in workspaces[:50]:
        offered = {p.code: p.arm for p in list_packages(db, each, at=now)}
        assert offered["small"] == test.arm_of(each)
        assert offered["medium"] == "standard", "an arm without its own version sells the standard one"


def test_nobody_outside_the_test_or_its_time_sees_an_arm(db, now):
    sells(db, now, arm="low")
    end = now + timedelta(days=42)
    start_price_test(db, "spring", ("standard", "low"), starts_at=now, ends_at=end, actor="test")
    inside = next(
        f"w{n}" for n in range(99) if price_test_arm(f"w{n}", "spring", ("standard", "low")) == "low"
    )

    assert prices(db, now)["small"] == 999
    assert prices(db, now, inside)["small"] == 899
    assert prices(db, end, inside)["small"] == 999
    assert prices(db, now - timedelta(seconds=1), inside)["small"] == 999


def test_python_and_sql_put_every_workspace_in_the_same_arm(db):
    arms = ("standard", "low", "high")
    ids = [f"workspace-{number}" for number in range(300)]

    by_sql = (
        db.execute(
            text(
                "SELECT price_test_arm(id, 'spring', :arms) FROM unnest(CAST(:ids AS text[])) WITH ORDINALITY AS u(id, n) "
                "ORDER BY n"
            ),
            {"ids": ids, "arms": list(arms)},
        )
        .scalars()
        .all()
    )

    assert by_sql == [price_test_arm(each, "spring", arms) for each in ids]


def test_two_tests_assign_independently():
    arms = ("a", "b")
    both = Counter(
        (price_test_arm(f"w{n}", "one", arms), price_test_arm(f"w{n}", "two", arms)) for n in range(2000)
    )

    assert all(400 < count < 600 for count in both.values())


def test_one_price_test_at_a_time(db, now):
    start_price_test(
        db, "spring", ("standard", "low"), starts_at=now, ends_at=now + timedelta(days=42), actor="test"
    )

    with pytest.raises(CatalogueConflict):
        start_price_test(
            db, "summer", ("standard", "low"), starts_at=now + timedelta(days=41), ends_at=None, actor="test"
        )
    start_price_test(
        db, "summer", ("standard", "low"), starts_at=now + timedelta(days=42), ends_at=None, actor="test"
    )

    assert [each.test for each in list_price_tests(db)] == ["summer", "spring"]


@pytest.mark.parametrize(("test", "arms"), [("spring", ("standard",)), ("", ("a", "b")), ("A B", ("a", "b"))])
def test_a_price_test_needs_a_name_and_two_arms(db, now, test, arms):
    with pytest.raises(InvalidCatalogue), db.begin_nested():
        start_price_test(db, test, arms, starts_at=now, ends_at=None, actor="test")


def test_a_price_test_is_ended_once(db, now):
    start_price_test(db, "spring", ("standard", "low"), starts_at=now, ends_at=None, actor="test")

    end_price_test(db, "spring", at=now + timedelta(days=7))

    assert running_price_test(db, at=now + timedelta(days=7)) is None
    with pytest.raises(UnknownPriceTest):
        end_price_test(db, "spring", at=now + timedelta(days=8))


def test_plan_and_cycle_come_from_the_price_id_and_nothing_is_guessed(db, now):
    about = {"product_id": "prod_1", "valid_from": now, "actor": "test"}
    publish_plan_price(db, "price_1", plan="pro", billing_cycle="annual", amount_cents=29000, **about)
    publish_plan_price(db, "price_2", plan="pro", billing_cycle="annual", amount_cents=31000, **about)

    plans = {price.price_id: (price.plan, price.billing_cycle) for price in list_plan_prices(db)}
    assert plans == dict.fromkeys(("price_1", "price_2"), ("pro", "annual")), "the old price keeps its plan"
    listed = {price.price_id: (price.minutes, price.valid_to) for price in list_plan_prices(db)}
    assert listed == {"price_1": (3600, now), "price_2": (3600, None)}


def test_a_price_of_a_plan_that_does_not_exist_is_refused(db, now):
    with pytest.raises(InvalidCatalogue), db.begin_nested():
        publish_plan_price(
            db,
            "price_1",
            product_id=None,
            plan="gold",
            billing_cycle="annual",
            amount_cents=1,
            valid_from=now,
            actor="test",
        )


def test_the_currency_of_a_workspace_decides_its_offer(shop):
    shop.signs_up("other")
    with ledger.writing(shop.engine) as db:
        sells(db, shop.now, code="small", amount_cents=899, currency="eur")
        sells(db, shop.now, code="huge", amount_cents=9999, currency="eur")
        set_attributes(db, "acme", {"billing_currency": "EUR"}, actor="ada", at=shop.now)
    with ledger.reading(shop.engine) as db:
        offers = {
            name: {
                each.code: (each.amount_cents, each.currency) for each in list_packages(db, name, at=shop.now)
            }
            for name in ("acme", "other", None)
        }

    assert (offers["acme"]["small"], offers["acme"]["medium"]) == ((899, "eur"), (1999, "usd"))
    assert offers["other"] == offers[None]
    assert (offers["other"]["small"], offers["other"]["huge"]) == ((999, "usd"), (9999, "eur"))
    assert shop.buys("small").currency == "eur"
    assert shop.buys("small", workspace_id="other").currency == "usd"


def test_the_currency_of_the_paid_plan_is_that_of_the_packages(shop):
    product = shop.gateway.create_product("Starter", idempotency_key="eur")
    price = shop.gateway.create_price(
        product.product, 1900, "eur", idempotency_key="eur-price", interval="month"
    ).price
    with ledger.writing(shop.engine) as db:
        sells(db, shop.now, code="small", amount_cents=899, currency="eur")
        map_price(db, shop.gateway, price, plan="starter", billing_cycle="monthly", actor="ada", at=shop.now)
    subscribes(shop, price)
    shop.works()

    assert shop.buys("small").currency == "eur"
