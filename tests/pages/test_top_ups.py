"""Auto top-up on the page of a workspace: support sets it for the customer and sees what came of it."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text
from streamlit.testing.v1 import AppTest

import ledger
from dashboard.clock import present
from ledger.payments import get_auto_top_up
from ledger.payments.top_ups import run_top_ups
from tests.pages.visits import hire, visit, words
from tests.shop import Shop, open_shop


@pytest.fixture
def shop(engine: Engine) -> Iterator[Shop]:
    with open_shop(engine, present()) as shop:
        shop.signs_up("other")
        yield shop


def opened(shop: Shop, role: str = "support") -> AppTest:
    return visit(shop.engine, "workspace", email=hire(shop.engine, role), id="acme", tab="payments")


def saved(page: AppTest, *, package: str = "medium", trigger: int = 90, limit: float = 40.0) -> AppTest:
    page.toggle(key="top_up_enabled").set_value(True)
    page.selectbox(key="top_up_package").set_value(package)
    page.selectbox(key="top_up_trigger").set_value(trigger)
    page.number_input(key="top_up_limit").set_value(limit)
    return page.button(key="top_up_submit").click().run()


def test_support_switches_it_on_and_the_audit_log_says_who_and_what(shop: Shop) -> None:
    page = opened(shop)
    assert "Auto top-up is off." in words(page)

    page = saved(page)

    assert not page.exception
    assert "Buys Medium at 90% used, up to" in words(page)
    with ledger.reading(shop.engine) as db:
        settings = get_auto_top_up(db, "acme")
        assert settings is not None
        assert (settings.package, settings.trigger, settings.monthly_limit_cents) == ("medium", 90, 4_000)
        assert get_auto_top_up(db, "other") is None
        (line,) = db.execute(text("SELECT actor, after FROM audit WHERE action = 'auto_top_up'"))
    assert line.after == {"package": "medium", "trigger": 90, "monthly_limit_cents": 4_000, "enabled": True}
    assert "support" in line.actor


def test_a_limit_below_one_package_is_refused_with_the_price(shop: Shop) -> None:
    page = saved(opened(shop), limit=19.98)

    assert "costs 19.99 USD" in page.error[0].value.replace("\\", "")
    with ledger.reading(shop.engine) as db:
        assert get_auto_top_up(db, "acme") is None


def test_a_trigger_without_a_card_shows_why_nothing_was_bought(shop: Shop) -> None:
    saved(opened(shop))
    with ledger.writing(shop.engine) as db:
        about = {"reason": "start", "key": "g", "actor": "t", "at": shop.now}
        ledger.grant_minutes(db, "acme", 100, **about)
    shop.uses(95)
    run_top_ups(shop.engine, shop.gateway, at=shop.now)

    page = opened(shop)

    assert "Paused:" in words(page)
    assert "No saved card" in words(page)


def test_who_may_not_give_minutes_sees_the_state_and_no_form(shop: Shop) -> None:
    page = opened(shop, "pricing")

    assert not [each for each in page.button if each.key == "top_up_submit"]
