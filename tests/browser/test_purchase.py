"""Simulate purchase in a real browser: the signed event brings the minutes, the bank takes them back."""

from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import Engine

import ledger
from dashboard.clock import present
from tests.browser.server import open_page, settled


@pytest.fixture
def acme(shared: Engine) -> str:
    """A workspace without a plan."""
    workspace_id = f"acme-{uuid4().hex[:8]}"
    with ledger.writing(shared) as db:
        about = {"name": "Acme", "owner_email": "owner@acme.example", "actor": "test", "at": present()}
        ledger.create_workspace(db, workspace_id, **about)
    return workspace_id


def _extra(engine: Engine, workspace_id: str) -> int:
    with ledger.reading(engine) as db:
        return ledger.get_balance(db, workspace_id).extra_minutes


def _figure(page: Page, label: str) -> Locator:
    return page.get_by_test_id("stMetric").filter(has_text=label).get_by_test_id("stMetricValue")


def test_a_card_pays_the_event_brings_the_minutes_and_a_dispute_takes_them_back(
    shared: Engine, address: str, acme: str, page: Page
) -> None:
    open_page(page, f"{address}/purchase?id={acme}")
    page.get_by_text("Medium · 150 min · $19.99").click()
    page.get_by_role("button", name="Pay", exact=False).first.click()

    expect(_figure(page, "Extra minutes")).to_have_text("150")
    assert _extra(shared, acme) == 150

    settled(page).get_by_role("button", name="The bank disputes the payment").click()
    expect(_figure(page, "Taken back")).to_have_text("150")
    expect(_figure(page, "Extra minutes")).to_have_text("0")
    assert _extra(shared, acme) == 0

    settled(page).get_by_role("button", name="We win the dispute").click()
    expect(_figure(page, "Extra minutes")).to_have_text("150")


def test_when_its_events_never_come_the_minutes_come_all_the_same(
    shared: Engine, address: str, acme: str, page: Page
) -> None:
    open_page(page, f"{address}/purchase?id={acme}")
    page.get_by_role("combobox", name="Fault").click()
    page.get_by_role("option", name="Events never arrive").click()
    page.get_by_role("button", name="Pay", exact=False).first.click()

    expect(_figure(page, "Extra minutes")).to_have_text("60")
    assert _extra(shared, acme) == 60


def test_a_declined_card_and_one_to_confirm_say_what_to_do_and_a_reload_in_the_middle_loses_nothing(
    shared: Engine, address: str, acme: str, page: Page
) -> None:
    open_page(page, f"{address}/purchase?id={acme}")
    _choose_card(page, "Declined: expired card")
    page.get_by_role("button", name="Pay", exact=False).first.click()
    expect(page.get_by_text("The card has expired. Use another card.").last).to_be_visible()
    expect(page.get_by_text("Nothing was charged and no minutes were added").last).to_be_visible()
    assert _extra(shared, acme) == 0

    settled(page).get_by_role("combobox", name="Try again with").click()
    page.get_by_role("option", name="Asks the cardholder to confirm").click()
    page.get_by_role("button", name="Try again", exact=True).click()
    expect(page.get_by_text("The cardholder needs to confirm the payment").last).to_be_visible()

    settled(page).reload()
    expect(page.get_by_text("The cardholder needs to confirm the payment").last).to_be_visible()
    settled(page).get_by_role("button", name="The cardholder confirms the payment").click()
    expect(page.get_by_text("Paid: 60 min added.").last).to_be_visible()
    assert _extra(shared, acme) == 60


def test_a_double_click_buys_once_an_inquiry_takes_nothing_and_a_refund_takes_the_minutes_back(
    shared: Engine, address: str, acme: str, page: Page
) -> None:
    open_page(page, f"{address}/purchase?id={acme}")
    page.get_by_role("button", name="Pay", exact=False).first.dblclick()
    expect(page.get_by_text("Paid: 60 min added.").last).to_be_visible()
    assert _extra(shared, acme) == 60

    inquires = settled(page).get_by_role("button", name="The bank opens an inquiry")
    inquires.click()
    expect(page.get_by_text("The bank opened an inquiry: money and minutes stay").last).to_be_visible()
    expect(inquires).to_have_count(0)

    settled(page).get_by_role("button", name="Everything is refunded in Stripe").click()
    expect(page.get_by_text("60 of 60 min taken back.").last).to_be_visible()
    assert _extra(shared, acme) == 0


def _choose_card(page: Page, name: str) -> None:
    page.get_by_role("combobox", name="Card").click()
    page.get_by_role("option", name=name).click()
