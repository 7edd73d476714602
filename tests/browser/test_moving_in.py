"""A company with forty live subscriptions moves in, in a real browser: prices, links, dry run, sync, comparison, live."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine

import ledger
from dashboard.clock import present
from tests.browser.server import open_page, part, running, scrolled_to, settled
from tests.shop import Shop, open_shop
from tests.subscriber import priced, subscribes

COMPANY = 40
OPENING = 75
PICTURES = os.environ.get("MOVING_IN_PICTURES")
WIDTHS = {"wide": (1440, 1000), "tablet": (768, 1000), "phone": (390, 844)}


def picture(page: Page, name: str) -> None:
    """Save screenshots at three widths, light and dark, where somebody wants them."""
    if not PICTURES:
        return
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        for width, size in WIDTHS.items():
            page.set_viewport_size({"width": size[0], "height": size[1]})
            settled(page).screenshot(path=f"{PICTURES}/{name}-{width}-{scheme}.png", full_page=True)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1440, "height": 1000})


def company(shop: Shop) -> tuple[dict[str, str], list[str]]:
    """Forty paid subscriptions at Stripe that name nobody, and forty workspaces with opening balances."""
    mapped = {"Starter": priced(shop, 1900), "Pro": priced(shop, 2900, name="Pro")}
    prices = list(mapped.values())
    customers = [
        str(subscribes(shop, prices[number % 2], workspace_id=None, key=str(number)).customer)
        for number in range(COMPANY)
    ]
    priced(shop, 500, name="Storage")
    shop.loses_events()
    for number in range(COMPANY):
        shop.signs_up(f"w{number}")
        with ledger.writing(shop.engine) as db:
            about = {"reason": "Opening balance", "key": "opening", "actor": "import", "at": shop.now}
            ledger.grant_minutes(db, f"w{number}", OPENING, **about)
    return mapped, customers


def maps(page: Page, url: str, price: str, plan: str) -> None:
    """Map one price on the Catalogue page."""
    open_page(page, f"{url}/catalogue?tab=plans")
    page.get_by_text("Load prices from Stripe").click()
    expect(page.get_by_role("combobox", name="Price", exact=True)).to_be_visible()
    for label, choice in (("Price", re.compile(re.escape(price))), ("Plan", re.compile(f"^{plan}$"))):
        box = scrolled_to(page.get_by_role("combobox", name=label, exact=True).last)
        box.click()
        page.get_by_role("option", name=choice).click()
    picture(page, f"catalogue-{plan}".replace(" ", "_"))
    part(page, "map_submit").get_by_role("button").click()
    expect(page.get_by_text(re.compile("is mapped to|marked as not a plan"))).to_be_visible()


def pastes(page: Page, key: str, text: str) -> None:
    """Paste a list into a field and leave it."""
    field = part(page, key).locator("textarea")
    field.fill(text)
    field.press("Control+Enter")
    settled(page)


def syncs(engine: Engine, page: Page, url: str) -> None:
    """Look at the dry run, which books nothing, then sync."""
    open_page(page, f"{url}/moving_in?tab=sync")
    part(page, "dry_run_sync").get_by_role("button").click()
    expect(page.locator("[data-testid=stDataFrame]")).to_be_visible()
    picture(page, "3-dry-run")
    with ledger.reading(engine) as db:
        assert ledger.get_balance(db, "w0").total_minutes == OPENING, "a dry run books nothing"
    part(page, "sync_now").get_by_role("button").click()
    expect(page.get_by_text(f"{COMPANY} subscriptions")).to_be_visible(timeout=120_000)


def compares_with_old(engine: Engine, page: Page, url: str) -> None:
    """Paste the balances of the old system, which agree with ours."""
    open_page(page, f"{url}/moving_in?tab=old")
    balances = "\n".join(f"w{number},{balance(engine, number)}" for number in range(COMPANY))
    pastes(page, "old_text", f"workspace_id,minutes\n{balances}")
    picture(page, "4-old-balances")
    part(page, "save_old").get_by_role("button").click()
    expect(page.get_by_text(f"{COMPANY} balances saved")).to_be_visible()


@pytest.mark.timeout(600)
def test_a_company_moves_in_from_unmapped_prices_to_live(engine: Engine, page: Page, tmp_path: Path) -> None:
    with open_shop(engine, present()) as shop:
        prices, customers = company(shop)
    with running(engine, DATA_DIR=str(tmp_path)) as url:
        open_page(page, f"{url}/moving_in")
        expect(page.get_by_text("Not compared yet")).to_be_visible()
        picture(page, "1-before")
        part(page, "compare").get_by_role("button").click()
        expect(page.get_by_text(f"{COMPANY} differences to resolve")).to_be_visible()

        maps(page, url, prices["Starter"], "Starter")
        maps(page, url, prices["Pro"], "Pro")
        maps(page, url, "Storage", "Not a plan")

        lines = [f"w{number},{customer}" for number, customer in enumerate(customers)]
        open_page(page, f"{url}/moving_in?tab=links")
        pastes(page, "links_text", "\n".join(["workspace_id,customer_id", *lines, "nobody,cus_1"]))
        expect(page.get_by_role("button", name=f"Link {COMPANY} lines")).to_be_visible()
        picture(page, "2-links")
        page.get_by_role("button", name=f"Link {COMPANY} lines").click()
        expect(page.get_by_text(f"{COMPANY} lines linked, 1 not linked.")).to_be_visible()

        syncs(engine, page, url)
        compares_with_old(engine, page, url)
        open_page(page, f"{url}/moving_in")
        part(page, "compare").get_by_role("button").click()
        expect(page.get_by_text("No differences", exact=True)).to_be_visible(timeout=120_000)
        picture(page, "5-agreed")
        part(page, "go_live").get_by_role("button").click()
        expect(page.get_by_text("Live since this comparison")).to_be_visible()
        picture(page, "6-live")
    with ledger.reading(engine) as db:
        assert ledger.verify(db) == []


def balance(engine: Engine, number: int) -> int:
    with ledger.reading(engine) as db:
        return ledger.get_balance(db, f"w{number}").total_minutes
