"""The page Catalogue: new versions with prices at Stripe, plan prices, price tests; old purchases untouched."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from dashboard.clock import present
from dashboard.text import day
from tests.pages.visits import hire, visit, words
from tests.shop import open_shop


def test_the_offer_and_every_version_are_shown(engine: Engine) -> None:
    page = visit(engine, "catalogue", email=hire(engine, "admin"))

    assert not page.exception
    assert [metric.value for metric in page.metric] == ["$9.99", "$19.99", "$34.99", "$59.99"]
    assert list(page.dataframe[0].value["code"]) == ["jumbo", "large", "medium", "small"]


def test_a_new_price_is_made_at_stripe_and_old_purchases_keep_theirs(engine: Engine) -> None:
    with open_shop(engine, present()) as shop:
        before = shop.bought("small")
        page = visit(engine, "catalogue", email=hire(engine, "admin"))
        page.selectbox(key="package_code").set_value("small").run()
        assert page.number_input(key="package_minutes_small").value == 60
        page.number_input(key="package_price_small").set_value(8.99)
        page.button(key="package_submit").click().run()
        assert "Customers see it at once: Small (small, standard), 60 min for $8.99." in words(page)
        assert "Changes: price $9.99 → **$8.99**." in words(page)
        assert not shop.rows("SELECT 1 FROM extra_minutes_packages WHERE version = 2")
        page.button(key="publish_yes").click().run()

        assert not page.exception
        assert "version 2" in words(page)
        assert "Customers see it at once" not in words(page)
        (row,) = shop.rows("SELECT amount_cents, stripe_price FROM extra_minutes_packages WHERE version = 2")
        assert shop.gateway.fetch_price(row["stripe_price"]).amount_cents == row["amount_cents"] == 899
        assert shop.purchase(before).amount_cents == 999
        shop.now = present()
        assert shop.buys("small").amount_cents == 899


def test_what_is_not_confirmed_is_not_put_on_sale(engine: Engine) -> None:
    with open_shop(engine, present()) as shop:
        page = visit(engine, "catalogue", email=hire(engine, "admin"))
        page.number_input(key="package_minutes_small").set_value(70)
        page.button(key="package_submit").click().run()
        page.button(key="publish_no").click().run()

        assert "Customers see it at once" not in words(page)
        assert not shop.rows("SELECT 1 FROM extra_minutes_packages WHERE version = 2")


def test_what_is_on_sale_already_needs_no_confirmation(engine: Engine) -> None:
    page = visit(engine, "catalogue", email=hire(engine, "admin"))

    page.button(key="package_submit").click().run()

    assert "Nothing changed: this package is on sale at this price already." in words(page)
    assert "Customers see it at once" not in words(page)


@pytest.mark.parametrize(
    ("field", "value", "change"),
    [
        ("minutes", 61, "minutes 60 → **61**"),
        ("name", "Mini", "name Small → **Mini**"),
        ("price", 9.98, "price $9.99 → **$9.98**"),
    ],
)
def test_a_confirmation_names_what_changes_and_nothing_else(
    engine: Engine, field: str, value: str | float, change: str
) -> None:
    page = visit(engine, "catalogue", email=hire(engine, "admin"))
    typed = page.text_input if field == "name" else page.number_input
    typed(key=f"package_{field}_small").set_value(value)

    page.button(key="package_submit").click().run()

    assert f"Changes: {change}." in words(page)


def test_a_package_is_taken_off_sale_after_a_yes_and_not_before(engine: Engine) -> None:
    on_sale = "SELECT 1 FROM extra_minutes_packages WHERE code = 'small' AND valid_to IS NULL"
    with open_shop(engine, present()) as shop:
        page = visit(engine, "catalogue", email=hire(engine, "admin"))
        chosen = page.selectbox(key="withdraw_package")
        chosen.select_index(
            next(at for at, label in enumerate(chosen.options) if label.startswith("Small"))
        ).run()
        page.button(key="withdraw").click().run()
        assert "Customers can no longer buy Small (small, standard), 60 min for $9.99" in words(page)

        page.button(key="take_off_no").click().run()
        assert shop.rows(on_sale)

        page.button(key="withdraw").click().run()
        page.button(key="take_off_yes").click().run()
        assert not page.exception
        assert not shop.rows(on_sale)


def test_a_name_that_cannot_be_sold_is_refused_in_words(engine: Engine) -> None:
    page = visit(engine, "catalogue", email=hire(engine, "admin"))
    page.text_input(key="package_arm_small").set_value("not an arm!")

    page.button(key="package_submit").click().run()
    page.button(key="publish_yes").click().run()

    assert not page.exception
    assert "must be up to 40 of" in words(page)
    assert not page.error


def test_a_plan_price_is_made_at_stripe_and_stands_for_the_plan(engine: Engine) -> None:
    with open_shop(engine, present()) as shop:
        page = visit(engine, "catalogue", email=hire(engine, "admin"), tab="plans")
        page.selectbox(key="plan_code").set_value("pro")
        page.selectbox(key="plan_cycle").set_value("annual")
        page.button(key="plan_submit").click().run()
        assert "Prices at Stripe are permanent. Create Pro, annual, for $19.00?" in words(page)
        assert not shop.rows("SELECT 1 FROM plan_prices")
        page.button(key="plan_yes").click().run()

        assert not page.exception
        (row,) = shop.rows("SELECT price_id, plan, billing_cycle FROM plan_prices")
        assert (row["plan"], row["billing_cycle"]) == ("pro", "annual")
        assert shop.gateway.fetch_price(row["price_id"]).interval == "year"


def test_a_price_test_runs_to_the_end_of_its_last_day_and_may_be_ended(engine: Engine) -> None:
    last_day = present() + timedelta(days=7)
    with open_shop(engine, present()) as shop:
        about = (
            "valid_from, created_by) SELECT code, 1, 'low', name, minutes, 899, currency, valid_from, 'test' "
        )
        shop.runs(
            "INSERT INTO extra_minutes_packages (code, version, arm, name, minutes, amount_cents, currency, "
            + about
            + "FROM extra_minutes_packages WHERE code = 'small'"
        )
        page = visit(engine, "catalogue", email=hire(engine, "admin"), tab="tests")
        page.text_input(key="test_name").set_value("spring")
        page.multiselect(key="test_arms").set_value(["standard", "low"])
        page.date_input(key="test_until").set_value(last_day)
        page.button(key="test_submit").click().run()
        assert "Customers see the prices of their arms at once" in words(page)
        assert not shop.rows("SELECT 1 FROM price_tests")
        page.button(key="test_yes").click().run()
        assert f"runs until {day(last_day + timedelta(days=1))} 00:00 UTC" in words(page)

        page.button(key="end_test").click().run()
        assert not shop.rows("SELECT 1 FROM price_tests WHERE ends_at <= now()")
        page.button(key="end_yes").click().run()

        assert not page.exception
        (row,) = shop.rows("SELECT ends_at IS NOT NULL AS ended FROM price_tests")
        assert row["ended"]


@pytest.mark.parametrize("role", ["viewer", "support", "pricing"])
def test_only_administrators_change_what_is_sold(engine: Engine, role: str) -> None:
    page = visit(engine, "catalogue", email=hire(engine, role))

    assert page.error
    assert not page.get("form")
