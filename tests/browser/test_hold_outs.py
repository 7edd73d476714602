"""A hold-out, from the button to the product: started on the page Retention, obeyed by the HTTP interface at once."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect
from sqlalchemy import Engine

import ledger
from dashboard.clock import present
from ledger.database import writing
from ledger.desk import keys
from tests.browser.server import open_page, part, running, settled


@pytest.fixture
def key(engine: Engine) -> str:
    """What a product's front end sends."""
    with writing(engine) as db:
        about = {"name": "front end", "scopes": keys.SCOPES, "actor": "test", "at": present()}
        return keys.create_key(db, **about).text


@pytest.fixture
def customers(engine: Engine) -> list[str]:
    """Workspaces that have reached the limit; among thirty both arms are found."""
    at = present() - timedelta(days=2)
    ids = [f"w{n}" for n in range(30)]
    with writing(engine) as db:
        for each in ids:
            ledger.create_workspace(db, each, name=each, owner_email="o@example.com", actor="t", at=at)
            ledger.update_plan_allocation(db, each, "starter", "monthly", key="1", actor="t", at=at)
            ledger.track_minutes(db, each, 250, key="call", at=at)
    return ids


@dataclass(frozen=True)
class Product:
    """A front end: asks the served interface as a product would."""

    url: str
    key: str

    def asks(self, path: str, **query: str) -> dict[str, Any]:
        """The JSON answer."""
        headers = {"Authorization": f"Bearer {self.key}"}
        answer = requests.get(f"{self.url}/api{path}", params=query, headers=headers, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def offers(self, customers: list[str]) -> dict[str, dict[str, Any]]:
        """What each customer is offered."""
        return {each: self.asks("/extra-minutes/packages", workspace_id=each) for each in customers}


def _start(page: Page, url: str) -> None:
    open_page(page, f"{url}/retention")
    page.get_by_text("Plan a hold-out").first.click()
    settled(page).get_by_label("Name", exact=True).fill("spring")
    page.get_by_label("Why", exact=True).fill("is the offer worth it?")
    part(page, "ho_start").get_by_role("button").click()
    expect(page.get_by_text("Hold-out spring started: 50% of workspaces see no offer.")).to_be_visible()
    settled(page)


def _end(page: Page, url: str) -> None:
    open_page(page, f"{url}/retention")
    page.get_by_role("button", name="End hold-out").click()
    part(page, "ho_end").get_by_role("button").click()
    expect(page.get_by_text("Hold-out spring ended. All workspaces see the offer.")).to_be_visible()
    settled(page)


def test_a_hold_out_started_on_the_page_is_obeyed_by_the_interface_until_it_is_ended(
    engine: Engine, customers: list[str], key: str, page: Page
) -> None:
    with running(engine) as url:
        product = Product(url, key)
        assert all(len(offer["items"]) == 4 for offer in product.offers(customers).values())

        _start(page, url)

        shown_offers = product.offers(customers)
        arms = {row["workspace_id"]: row["arm"] for row in product.asks("/hold-outs/spring/arms")["items"]}
        assert {each: offer["hold_out"] for each, offer in shown_offers.items()} == {
            each: {"name": "spring", "arm": arm} for each, arm in arms.items()
        }
        assert {arm: len(shown_offers[each]["items"]) for each, arm in arms.items()} == {
            "control": 0,
            "treatment": 4,
        }

        with page.expect_download() as file:
            part(page, "ho_csv").get_by_role("button").click()
        lines = file.value.path().read_text("utf-8-sig").splitlines()
        assert set(lines[2:]) == {f"{each},{arm}" for each, arm in arms.items()}

        control_customer = next(each for each in customers if arms[each] == "control")
        open_page(page, f"{url}/preview?id={control_customer}")
        expect(page.get_by_text("Held out by spring")).to_be_visible()
        expect(page.get_by_role("button", name="Buy minutes")).to_have_count(0)

        _end(page, url)
        assert all(len(offer["items"]) == 4 for offer in product.offers(customers).values())
