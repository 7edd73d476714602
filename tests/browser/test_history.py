"""Back, forward and reload in a real browser: the address holds the question at every step."""

from datetime import timedelta

from playwright.sync_api import Page, expect
from sqlalchemy import Engine

import ledger
from dashboard.clock import present
from ledger.database import writing
from tests.browser.server import open_page, settled

BACK_AT_ONCE = """const push = history.pushState.bind(history);
history.pushState = (...step) => { push(...step); if (step[2].endsWith("tab=notes")) history.back(); };"""
"""Nobody is quicker: back in the moment in which the clicked tab comes into the address."""


def test_back_from_a_workspace_finds_the_search_as_it_was_left(
    shared: Engine, address: str, page: Page
) -> None:
    at = present() - timedelta(days=1)
    with writing(shared) as db:
        for workspace_id, name in (("acme", "Acme Studio"), ("barn", "Red Barn")):
            ledger.create_workspace(
                db, workspace_id, name=name, owner_email="o@x.example", actor="test", at=at
            )
    first_link = page.get_by_role("link", name="Acme Studio")
    field = page.get_by_label("Search", exact=True)
    open_page(page, f"{address}/search")
    field.fill("studio")
    page.wait_for_url("**/search?q=studio")
    expect(page.get_by_role("link", name="Red Barn")).to_have_count(0)
    first_link.click()
    page.wait_for_url("**/workspace?id=acme")
    settled(page).get_by_role("tab", name="Notes").click()
    page.wait_for_url("**/workspace?id=acme&tab=notes")

    page.go_back()
    page.wait_for_url("**/workspace?id=acme")
    expect(page.get_by_role("tab", name="Explain")).to_have_attribute("aria-selected", "true")
    settled(page).go_back()

    page.wait_for_url("**/search?q=studio")
    expect(field).to_have_value("studio")
    expect(first_link).to_be_visible()

    settled(page).reload()
    settled(page)
    expect(field).to_have_value("studio")
    expect(first_link).to_be_visible()
    page.go_forward()
    page.wait_for_url("**/workspace?id=acme")
    expect(page).to_have_title("Acme Studio · Minutes")
    settled(page).go_back()
    page.wait_for_url("**/search?q=studio")
    expect(field).to_have_value("studio")


def test_back_before_a_clicked_tab_is_drawn_opens_the_tab_that_the_address_names(
    shared: Engine, address: str, page: Page
) -> None:
    with writing(shared) as db:
        at = present() - timedelta(days=1)
        ledger.create_workspace(db, "dawn", name="Dawn", owner_email="o@x.example", actor="test", at=at)
    page.add_init_script(BACK_AT_ONCE)
    open_page(page, f"{address}/workspace?id=dawn")
    why, notes = (page.get_by_role("tab", name=name, exact=True) for name in ("Explain", "Notes"))

    notes.click()  # shows Notes at once, before the server knows of it
    expect(why).to_have_attribute("aria-selected", "true")
    settled(page)

    expect(page).to_have_url(f"{address}/workspace?id=dawn")
    expect(why).to_have_attribute("aria-selected", "true")

    page.go_forward()
    page.wait_for_url("**/workspace?id=dawn&tab=notes")
    expect(notes).to_have_attribute("aria-selected", "true")
