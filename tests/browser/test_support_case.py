"""A whole support case in a real browser: find by payment, explain, refund the unused part, give goodwill."""

from contextlib import closing
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine

import ledger
from dashboard.clock import present
from ledger.database import reading, writing
from ledger.desk import audit
from ledger.payments import buying
from ledger.payments.purchases import Purchase
from ledger.settings import load_settings
from ledger.stripe_gateway import build_gateway
from tests.browser.server import open_page, part, running, settled


@pytest.fixture
def bought(engine: Engine) -> Purchase:
    """A customer who bought 150 minutes and used 50 of them."""
    at = present() - timedelta(days=5)
    gateway = build_gateway(load_settings({}), engine=engine, source="sandbox")
    with writing(engine) as db:
        ledger.create_workspace(
            db, "acme", name="Acme Studio", owner_email="owner@acme.example", actor="test", at=at
        )
        ledger.update_plan_allocation(db, "acme", "starter", "monthly", key="first", actor="test", at=at)
    with closing(gateway):
        purchase = buying.buy(
            engine, gateway, "acme", "medium", payment_method="pm_card_visa", key="buy", actor="acme", at=at
        )
        with writing(engine) as db:
            purchase = buying.sync_purchase(db, gateway, "acme", purchase.purchase_id, at=at)
            ledger.track_minutes(db, "acme", 250, key="call", at=at + timedelta(days=1))
    return purchase


def test_find_explain_refund_and_give_take_less_than_three_clicks_each(
    engine: Engine, bought: Purchase, page: Page
) -> None:
    with running(engine) as url:
        open_page(page, f"{url}/search")
        page.get_by_label("Search", exact=True).fill(str(bought.payment_intent))
        expect(page.get_by_text("found by payment intent")).to_be_visible()
        settled(page).get_by_role("link", name="Acme Studio").click()

        expect(page).to_have_title("Acme Studio · Minutes")
        expect(page.get_by_text("In total: 350 credited − 250 used = 100 left.")).to_be_visible()

        settled(page).get_by_role("button", name="Refund", exact=True).click()
        expect(page.get_by_text("50 min used, 100 min unused")).to_be_visible()
        part(settled(page), "refund_words").get_by_role("textbox").fill("did not need them")
        part(page, "refund_submit").get_by_role("button").click()
        expect(page.get_by_text("$13.33 refunded. 100 minutes")).to_be_visible()

        settled(page).get_by_role("button", name="Give minutes").click()
        expect(part(page, "grant_submit")).to_be_visible()
        part(settled(page), "grant_words").get_by_role("textbox").fill("sorry for the trouble")
        part(page, "grant_submit").get_by_role("button").click()
        expect(page.get_by_text("60 minutes granted. The balance is now 60.")).to_be_visible()
        settled(page)

    with reading(engine) as db:
        assert ledger.get_balance(db, "acme").total_minutes == 60
        assert [line.action for line in audit.list_lines(db)] == ["grant", "refund"]
