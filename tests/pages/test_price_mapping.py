"""The prices of a Stripe account on the Catalogue page: read when somebody wants them, never by themselves."""

from sqlalchemy import Engine

from dashboard.clock import present
from tests.pages.visits import hire, visit, words
from tests.shop import open_shop
from tests.subscriber import priced


def test_prices_are_read_on_demand_and_a_mapped_one_is_not_offered_again(engine: Engine) -> None:
    with open_shop(engine, present()) as shop:
        first, second = priced(shop, 1900), priced(shop, 2900, name="Pro")
        page = visit(engine, "catalogue", email=hire(engine, "admin"), tab="plans")
        assert [box.key for box in page.selectbox if box.key == "map_price"] == []
        page.toggle(key="prices_toggle").set_value(True).run()
        page.selectbox(key="map_price").set_value(first)
        page.button(key="map_submit").click().run()

        assert "200 min per paid period" in words(page)
        assert [price[-len(second) :] for price in page.selectbox(key="map_price").options] == [second]


def test_a_price_that_is_no_plan_is_said_to_be_none(engine: Engine) -> None:
    with open_shop(engine, present()) as shop:
        storage = priced(shop, 500, name="Storage")
        page = visit(engine, "catalogue", email=hire(engine, "admin"), tab="plans")
        page.toggle(key="prices_toggle").set_value(True).run()
        page.selectbox(key="map_price").set_value(storage)
        page.selectbox(key="map_plan").set_value("Not a plan")
        page.button(key="map_submit").click().run()

        assert not page.exception
        assert "is marked as not a plan. Its invoice lines add no minutes." in words(page)
        assert "Not a plan" in set(page.dataframe[-1].value["plan"])
        assert shop.rows("SELECT price_id FROM other_prices") == [{"price_id": storage}]
