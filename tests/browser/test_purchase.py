"""Simulate purchase in a real browser: the signed event brings the minutes, the bank takes them back."""

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import Engine

import ledger
from dashboard.clock import present
from tests.browser.server import open_page, running


@pytest.fixture
def acme(engine: Engine) -> str:
    """A workspace without a plan."""
    with ledger.writing(engine) as db:
        about = {"name": "Acme", "owner_email": "owner@acme.example", "actor": "test", "at": present()}
        ledger.create_workspace(db, "acme", **about)
    return "acme"


def _extra(engine: Engine, workspace_id: str) -> int:
    with ledger.reading(engine) as db:
        return ledger.get_balance(db, workspace_id).extra_minutes


def _figure(page: Page, label: str) -> Locator:
    return page.get_by_test_id("stMetric").filter(has_text=label).get_by_test_id("stMetricValue")


def test_a_card_pays_the_event_brings_the_minutes_and_a_dispute_takes_them_back(
    engine: Engine, acme: str, page: Page
) -> None:
    with running(engine) as url:
        open_page(page, f"{url}/purchase?id={acme}")
        page.get_by_text("Medium · 150 min · 19.99 USD").click()
        page.get_by_role("button", name="Pay", exact=False).first.click()

        expect(_figure(page, "Extra minutes")).to_have_text("150")
        assert _extra(engine, acme) == 150

        page.get_by_role("button", name="The bank disputes the payment").click()
        expect(_figure(page, "Taken back")).to_have_text("150")
        expect(_figure(page, "Extra minutes")).to_have_text("0")
        assert _extra(engine, acme) == 0

        page.get_by_role("button", name="We win the dispute").click()
        expect(_figure(page, "Extra minutes")).to_have_text("150")


def test_when_its_events_never_come_the_minutes_come_all_the_same(
    engine: Engine, acme: str, page: Page
) -> None:
    with running(engine) as url:
        open_page(page, f"{url}/purchase?id={acme}")
        page.get_by_role("combobox", name="What goes wrong on the way").click()
        page.get_by_role("option", name="Its events never come").click()
        page.get_by_role("button", name="Pay", exact=False).first.click()

        expect(_figure(page, "Extra minutes")).to_have_text("60")
        assert _extra(engine, acme) == 60
