"""The pricing lab in a real browser: from the first click to a shared link that opens for another role."""

import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine, text

from ledger.database import writing
from tests.browser.server import open_page, part, running, settled
from tests.databases import as_owner
from tests.pricing_company import make_company


@pytest.fixture
def company(engine: Engine) -> Engine:
    """A demo company, so that one may act as each role."""
    make_company(engine)
    with writing(engine) as db, as_owner(db):
        db.execute(text("UPDATE workspaces SET source = 'demo'"))
        db.execute(text("UPDATE extra_minutes_purchases SET source = 'demo'"))
    return engine


def act_as(page: Page, name: str) -> None:
    """Choose another member of the demo staff in the menu of the person."""
    part(settled(page), "person").get_by_role("button").click()
    part(page, "act_as").get_by_role("combobox").click()
    page.get_by_role("option", name=name).click()
    settled(page).keyboard.press("Escape")


def test_a_question_is_clicked_dragged_refined_saved_and_opened_by_the_product_team(
    company: Engine, page: Page
) -> None:
    with running(company) as url:
        open_page(page, f"{url}/pricing")
        act_as(page, "Pia (pricing)")
        page.get_by_role("button", name="Starter with 150 minutes?").click()
        slider = page.get_by_role("slider", name=re.compile("Starter: minutes"))
        expect(slider).to_have_value("150")

        settled(page)
        slider.press("ArrowRight")
        expect(slider).to_have_value("155")
        expect(page.get_by_text("from 200 draws")).to_be_visible()
        expect(page.get_by_text("Who pays more and who pays less")).to_be_visible()

        settled(page).get_by_role("button", name="Save this scenario").click()
        part(page, "pr_name").get_by_role("textbox").fill("Starter with less")
        part(page, "pr_name").get_by_role("textbox").press("Tab")
        part(settled(page), "pr_save").get_by_role("button").click()
        address = page.get_by_test_id("stCode").inner_text().strip()
        assert address.startswith(f"{url}/scenario?scenario=")

        open_page(page, address)
        act_as(page, "Vic (product team)")
        expect(page.get_by_role("heading", name="Scenarios")).to_be_visible()
        expect(page.get_by_text("Starter with less", exact=True).last).to_be_visible()
        expect(page.get_by_role("link", name="Open in the lab")).to_have_count(0)  # the page as Vic has it
        settled(page)
        with page.expect_download() as download:
            part(page, "sc_pdf").get_by_role("button").click()
        assert download.value.suggested_filename == "scenarios.pdf"
        part(settled(page), "sc_again").or_(page.get_by_role("button", name="Run again")).first.click()
        expect(page.get_by_text(re.compile("same code"))).to_be_visible()
