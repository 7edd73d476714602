"""A customer buys on their own page in a real browser that runs no scripts: saved card, the bank's question, and back."""

import os
from pathlib import Path

from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine

import ledger
from dashboard.clock import present
from ledger.payments.portal import open_portal
from tests.browser.server import running
from tests.shop import open_shop

PICTURES = os.environ.get("PORTAL_PICTURES")
WIDTHS = (1440, 768, 390)


def picture(page: Page, name: str) -> None:
    """Save screenshots at three widths, light and dark, where somebody wants them."""
    for scheme in ("light", "dark") if PICTURES else ():
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=f"{PICTURES}/{name}-{width}-{scheme}.png", full_page=True)


def click(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def test_a_customer_saves_a_card_answers_the_bank_and_pays_without_scripts(
    engine: Engine, browser: Browser, tmp_path: Path
) -> None:
    with open_shop(engine, present()) as shop, ledger.writing(engine) as db:
        ledger.update_plan_allocation(db, "acme", "starter", "monthly", key="plan", actor="test", at=shop.now)
        ledger.track_minutes(db, "acme", 200, key="all", at=shop.now)
        token, _ = open_portal(db, "acme", actor="test", at=shop.now)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    with running(engine, DATA_DIR=str(tmp_path)) as url:
        page.goto(f"{url}/api/portal/{token}")
        expect(page.get_by_role("dialog", name="Buy extra minutes")).to_be_visible()
        picture(page, "1-used-up")
        click(page, "Open billing")
        picture(page, "2-billing")
        click(page, "Save a card that asks the bank")
        expect(page.get_by_text("Card saved.")).to_be_visible()

        click(page, "Buy for $9.99")
        expect(page.get_by_text("Your bank asks you to confirm $9.99")).to_be_visible()
        picture(page, "3-asked")
        page.get_by_role("link", name="Confirm with your bank").click()
        click(page, "Refuse it")
        expect(page.get_by_text("Nothing was charged.")).to_be_visible()
        picture(page, "4-refused")
        click(page, "Pay with another card")
        click(page, "Pay with a test card")

        expect(page.get_by_text("Paid. 60 minutes were added.")).to_be_visible()
        expect(page.get_by_text("60 min left")).to_be_visible()
        picture(page, "5-paid")
    context.close()
    with ledger.reading(engine) as db:
        assert ledger.get_balance(db, "acme").extra_minutes == 60
        assert ledger.verify(db) == []
