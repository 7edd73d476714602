"""The Moving in page, the prices on the Catalogue page and the links on the Workspace page, as a person uses them."""

from sqlalchemy import Engine

from dashboard.clock import present
from tests.pages.visits import hire, visit, words
from tests.shop import open_shop
from tests.subscriber import priced, subscribes


def test_a_company_moves_in_by_the_pages(engine: Engine) -> None:
    with open_shop(engine, present()) as shop:
        price = priced(shop, 1900)
        subscription = subscribes(shop, price, workspace_id=None)
        admin = hire(engine, "admin")
        page = visit(engine, "moving_in", email=admin)
        assert "Not compared yet" in words(page)
        page.button(key="compare").click().run()
        assert [metric.value for metric in page.metric] == ["0", "1", "0", "0"]

        catalogue = visit(engine, "catalogue", email=admin, tab="plans")
        catalogue.toggle(key="prices_toggle").set_value(True).run()
        catalogue.selectbox(key="map_price").set_value(price)
        catalogue.button(key="map_submit").click().run()
        assert "is mapped to" in words(catalogue)

        page = visit(engine, "moving_in", email=admin, tab="links")
        assert [each.value for each in page.warning] == [], "nothing is wrong with a list that nobody entered"
        page.text_area(key="links_text").set_value(
            f"workspace_id,customer_id\nacme,{subscription.customer}\nnobody,cus_1"
        ).run()
        assert list(page.dataframe[0].value["problem"].notna()) == [True, False], "what is wrong comes first"
        assert not shop.rows("SELECT 1 FROM payment_objects WHERE kind = 'customer'"), (
            "checking links nothing"
        )
        page.button(key="link_all").click().run()
        assert "1 line linked, 1 not linked." in words(page)

        page = visit(engine, "moving_in", email=admin, tab="sync")
        page.button(key="dry_run_sync").click().run()
        assert list(page.dataframe[0].value["new_minutes"]) == [200]
        page.button(key="sync_now").click().run()
        page = visit(engine, "moving_in", email=admin, tab="old")
        page.text_area(key="old_text").set_value("workspace_id,minutes\nacme,200").run()
        page.button(key="save_old").click().run()

        goes_live(engine, admin)


def goes_live(engine: Engine, admin: str) -> None:
    """Compare once more, find nothing, and end the trial."""
    page = visit(engine, "moving_in", email=admin)
    page.button(key="compare").click().run()
    assert [metric.value for metric in page.metric] == ["2", "0", "0", "0"]
    page.button(key="go_live").click().run()
    assert "Live since this comparison" in words(page)
    assert not page.exception


def test_a_difference_names_the_price_as_stripe_does(engine: Engine) -> None:
    with open_shop(engine, present()) as shop:
        price = priced(shop, 1900)
        subscribes(shop, price)
        page = visit(engine, "moving_in", email=hire(engine, "admin"))
        page.button(key="compare").click().run()

        (cause,) = page.dataframe[0].value["cause"]
        assert (price in cause, cause[0].isupper()) == (True, True)


def test_the_workspace_page_shows_the_arithmetic_and_links_a_subscription(engine: Engine) -> None:
    with open_shop(engine, present()) as shop:
        subscription = subscribes(shop, priced(shop, 1900), workspace_id=None)
        page = visit(engine, "workspace", email=hire(engine, "support"), id="acme", tab="payments")
        assert "Not linked to Stripe yet." in words(page)
        page.text_input(key="link_subscription").set_value(subscription.subscription)
        page.button(key="link_submit").click().run()

        assert not page.exception
        assert subscription.subscription in words(page)


def test_who_may_not_link_sees_no_form(engine: Engine) -> None:
    with open_shop(engine, present()):
        page = visit(engine, "workspace", email=hire(engine, "viewer"), id="acme", tab="payments")

    assert not [field for field in page.text_input if field.key == "link_customer"]
