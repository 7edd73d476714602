"""Existing prices of a Stripe account stand for plans once somebody has mapped them."""

import pytest

import ledger
from ledger.payments.alerts import list_alerts
from ledger.payments.errors import CatalogueConflict, InvalidCatalogue
from ledger.payments.plan_invoices import list_plan_invoices
from ledger.payments.price_mapping import list_price_choices, map_price, mark_as_other
from tests.shop import Shop
from tests.subscriber import balance, priced, subscribes


def maps(shop: Shop, price: str, plan: str = "starter", cycle: str = "monthly"):
    with ledger.writing(shop.engine) as db:
        return map_price(db, shop.gateway, price, plan=plan, billing_cycle=cycle, actor="ada", at=shop.now)


def test_recurring_prices_are_listed_with_their_product_and_what_they_stand_for(shop: Shop):
    starter, quarter = priced(shop, 1900), priced(shop, 5700, "month", 3, name="Quarter")
    single = shop.gateway.create_product("Package", idempotency_key="single")
    shop.gateway.create_price(single.product, 999, "usd", idempotency_key="single-price")
    maps(shop, starter)

    with ledger.reading(shop.engine) as db:
        choices = {each.price_id: each for each in list_price_choices(db, shop.gateway)}

    assert set(choices) == {starter, quarter}
    assert (choices[starter].plan, choices[starter].product_name) == ("starter", "Starter")
    assert (choices[quarter].plan, choices[quarter].months) == (None, 3)


def test_a_mapped_price_wakes_the_invoices_that_waited_for_it_and_closes_their_alerts(shop: Shop):
    price = priced(shop, 5700, "month", 3)
    subscribes(shop, price)
    shop.works()
    with ledger.reading(shop.engine) as db:
        assert {alert.kind for alert in list_alerts(db)} == {"unknown_price"}

    mapped = maps(shop, price)
    shop.works()

    assert (balance(shop).plan_minutes, mapped.minutes) == (600, 600)
    with ledger.reading(shop.engine) as db:
        assert list_alerts(db) == []


def test_several_prices_stand_for_one_plan(shop: Shop):
    first, second = priced(shop, 1900), priced(shop, 1500, name="Old Starter")
    maps(shop, first)
    maps(shop, second)

    subscribes(shop, first)
    subscribes(shop, second, key="second")
    shop.works()

    assert balance(shop).plan_minutes == 400


def test_a_price_stands_for_one_plan_and_the_same_mapping_again_changes_nothing(shop: Shop):
    price = priced(shop, 1900)

    assert maps(shop, price) == maps(shop, price)
    with pytest.raises(CatalogueConflict, match="starter"):
        maps(shop, price, "pro")
    with pytest.raises(InvalidCatalogue, match="not a plan"):
        maps(shop, priced(shop, 100, name="Other"), "enterprise")
    with pytest.raises(InvalidCatalogue, match="weekly"):
        maps(shop, priced(shop, 200, name="Third"), cycle="weekly")


def says_it_is_no_plan(shop: Shop, price: str) -> None:
    with ledger.writing(shop.engine) as db:
        mark_as_other(db, shop.gateway, price, actor="ada", at=shop.now)


def test_a_price_that_is_no_plan_settles_its_invoices_with_nothing_and_stands_in_nobodys_way(
    shop: Shop, prices
):
    storage, seats = priced(shop, 500, name="Storage"), priced(shop, 700, name="Seats")
    subscribes(shop, storage)
    subscribes(shop, prices["starter", "monthly"], further_prices=(seats,), key="beside")
    shop.works()
    with ledger.reading(shop.engine) as db:
        assert {alert.kind for alert in list_alerts(db)} == {"unknown_price"}

    says_it_is_no_plan(shop, storage)
    says_it_is_no_plan(shop, storage)
    shop.works()

    assert balance(shop).plan_minutes == 200
    with ledger.reading(shop.engine) as db:
        assert list_alerts(db) == []
        outcomes = {each.outcome: each.because for each in list_plan_invoices(db, "acme")}
        choices = {each.price_id: each for each in list_price_choices(db, shop.gateway)}
    assert outcomes == {"nothing": f"price {storage} is not a plan", "lots": None}
    assert (choices[storage].is_open, choices[seats].is_open) == (False, True)


def test_a_price_that_was_no_plan_can_still_be_mapped_and_a_mapped_one_stays_a_plan(shop: Shop):
    price = priced(shop, 1900)
    says_it_is_no_plan(shop, price)
    assert maps(shop, price).minutes == 200

    with pytest.raises(CatalogueConflict, match="starter"):
        says_it_is_no_plan(shop, price)
    subscribes(shop, price)
    shop.works()
    assert balance(shop).plan_minutes == 200


def test_an_old_invoice_of_a_price_that_nobody_mapped_waits_for_it(shop: Shop, prices):
    old = priced(shop, 1500, name="Old Starter")
    subscription = subscribes(shop, old)
    shop.gateway.change_subscription(
        subscription.subscription, prices["pro", "monthly"], prorate="none", idempotency_key="up"
    )
    shop.works()
    assert balance(shop).plan_minutes == 0

    maps(shop, old)
    shop.works()

    assert balance(shop).plan_minutes == 200
