"""Public complaints as support cases: from the words that a customer pastes to the cause in one sentence, ready to send.

Each is timed from the first key in the search to the text on the screen: a minute is the bar.
"""

import time
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Connection, Engine, text

import ledger
from dashboard.clock import present
from ledger.database import writing
from ledger.payments.auto_top_up import set_auto_top_up
from ledger.payments.top_ups import run_top_ups
from tests.browser.server import open_page, settled
from tests.shop import Shop

pytestmark = pytest.mark.usefixtures("customers")
SECONDS_AT_MOST = 60
UNKNOWN_INVOICE = """
INSERT INTO stripe_invoices (workspace_id, invoice_id, subscription_id, currency, amount_paid_cents, paid_at, outcome, because, synced_at)
VALUES ('happy', 'in_1Happy7Renewal', 'sub_1', 'usd', 1900, :at, 'alert', 'no plan has the price price_voice', :at)
"""


class Customers:
    """The customers of the cases and what happened to each; another one beside them to whom nothing did."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.at = present() - timedelta(days=3)
        self.payment = self.receipt = ""
        for name in ("codex", "claude", "upper", "happy", "deck", "calm"):
            with writing(engine) as db:
                self._signs_up(db, name)
        self._payments()
        with writing(engine) as db:
            ledger.track_minutes(db, "codex", 200, key="all", at=self.at)
            ledger.track_minutes(db, "deck", 170, key="most", at=self.at)
            db.execute(text(UNKNOWN_INVOICE), {"at": self.at})
            top_up: dict[str, Any] = {"package": "small", "trigger": 80, "monthly_limit_cents": 5000}
            set_auto_top_up(db, "upper", **top_up, enabled=True, actor="upper", at=self.at)
            ledger.track_minutes(db, "upper", 190, key="most", at=self.at)
        shop = self._shop()
        run_top_ups(engine, shop.gateway, at=self.at + timedelta(minutes=1))
        shop.gateway.close()

    def _signs_up(self, db: Connection, name: str) -> None:
        about: dict[str, Any] = {"name": f"{name.title()} Labs", "owner_email": f"owner@{name}.example"}
        ledger.create_workspace(db, name, **about, source="sandbox", actor="t", at=self.at)
        ledger.update_plan_allocation(
            db, name, "starter", "annual" if name == "claude" else "monthly", key="p", actor="t", at=self.at
        )

    def _shop(self) -> Shop:
        return Shop(self.engine, self.at)

    def _payments(self) -> None:
        """Claude buys twice; the bank takes the second payment back."""
        shop = self._shop()
        shop.buys("small", workspace_id="claude")
        disputed = shop.buys("medium", "pm_card_createDispute", workspace_id="claude")
        shop.works()
        self.payment = str(shop.purchase(disputed).payment_intent)
        shop.gateway.close()


@pytest.fixture(scope="module")
def customers(shared: Engine) -> Customers:
    """The customers, in the database behind the dashboard."""
    return Customers(shared)


def proof(page: Page, address: str, pasted: str, name: str) -> str:
    """Paste the customer's words into the search, open the workspace that it finds, return the text that support sends."""
    open_page(page, f"{address}/search")
    began = time.monotonic()
    search = page.get_by_label("Search", exact=True)
    search.fill(pasted)
    search.press("Enter")
    expect(page.get_by_role("link", name="Labs")).to_have_count(1)
    settled(page).get_by_role("link", name=name).click()
    expect(page).to_have_title(f"{name} · Minutes")
    if "tab=" in page.url:
        settled(page).get_by_role("tab", name="Explain").click()
    text_to_send = page.locator("[data-testid=stCode]").first
    expect(text_to_send).to_contain_text("How this came about")
    assert time.monotonic() - began < SECONDS_AT_MOST
    return str(text_to_send.inner_text())


def test_a_balance_that_is_suddenly_zero_is_explained_to_the_minute(address: str, page: Page) -> None:
    said = proof(page, address, "owner@codex.example", "Codex Labs")

    assert "200 used on" in said
    assert "In total: 200 credited − 200 used = 0 left." in said


def test_a_chargeback_takes_the_minutes_of_its_own_purchase_and_of_no_other(
    customers: Customers, address: str, page: Page
) -> None:
    said = proof(page, address, f"my bank says {customers.payment}, please help", "Claude Labs")

    assert "150 were taken back because the payment was disputed." in said
    assert said.count("taken back") == 1
    assert "60 left." in said
    assert "2,400 left." in said


def test_an_automatic_purchase_that_never_came_says_what_stood_in_the_way(address: str, page: Page) -> None:
    assert "nothing was bought automatically: no card is saved" in proof(page, address, "upper", "Upper Labs")


def test_a_renewal_that_was_paid_and_gave_no_minutes_says_why(address: str, page: Page) -> None:
    said = proof(page, address, "Happy Labs", "Happy Labs")

    assert "invoice in_1Happy7Renewal ($19.00) gave no minutes: no plan has the price price_voice." in said


def test_a_warning_that_nobody_got_has_a_delivery_proof(address: str, page: Page) -> None:
    assert "80% were used; no alert was sent, because no address is set up for it." in proof(
        page, address, "Deck Labs", "Deck Labs"
    )


def test_the_text_for_a_customer_to_whom_nothing_happened_has_no_such_part(address: str, page: Page) -> None:
    assert "Also:" not in proof(page, address, "calm", "Calm Labs")
