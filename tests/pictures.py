"""The pictures of the documentation, made from a demo company in a real browser: `make pictures`.

Each picture is one view of a person at 1440 x 900. A test holds that the documents show exactly these.
"""

import io
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import NamedTuple

from PIL import Image
from playwright.sync_api import Page, expect
from sqlalchemy import Engine, text

from dashboard.clock import present
from ledger import demo
from ledger.database import reading, writing
from ledger.metrics.rollups import refresh_rollups
from tests.browser.server import chromium, open_page, part, running, settled
from tests.commands import PATIENCE_SECONDS
from tests.databases import CHECKOUT, migrated_database

FOLDER = CHECKOUT / "docs" / "pictures"
WORKSPACES, MONTHS = 200, 12
PEOPLE = {"product": "Vic (product team)", "support": "Sam (support)", "pricing": "Pia (pricing)"}
COLOURS = 256
DRAWN_SECONDS = 1.5  # charts and numbers move to their place
WAITING = ("Calculating", "refining", "Reading the history")


class Company(NamedTuple):
    """A demo company on a server, and a customer of it with minutes to refund."""

    url: str
    customer: str
    workspace_id: str


class Picture(NamedTuple):
    """A picture: the person who sees it, the path, and what they open there."""

    person: str
    path: str
    opens: Callable[[Page], object] = settled


def _small_for_less(page: Page) -> None:
    page.get_by_role("button", name="Small at 8.99?").click()
    expect(page.get_by_text("from 200 draws")).to_be_visible()


PICTURES = {
    "overview": Picture("product", "overview"),
    "conversion": Picture("product", "conversion"),
    "about": Picture("product", "overview?about=conversion"),
    "workspaces": Picture("support", "search"),
    "workspace": Picture("support", "workspace?id={id}"),
    "refund": Picture("support", "workspace?id={id}&panel=refund"),
    "customer": Picture("support", "preview?id={id}"),
    "pricing": Picture("pricing", "pricing", _small_for_less),
}


@contextmanager
def demo_company(workspaces: int, months: int) -> Iterator[Company]:
    """Serve a demo company of this size, summed up for the screens."""
    at = present()
    with migrated_database() as engine:
        demo.build(engine, workspaces=workspaces, months=months, until=at.date(), progress=False)
        with writing(engine) as db:
            refresh_rollups(db, at=at - timedelta(seconds=1))
        with running(engine) as url:
            yield Company(url, *_customer(engine))


def _customer(engine: Engine) -> tuple[str, str]:
    """Return the name and id of the customer with most purchased minutes left."""
    with reading(engine) as db:
        rows = db.execute(
            text(
                "SELECT w.name, w.workspace_id FROM workspaces w JOIN extra_minutes_purchases p USING (workspace_id) "
                "JOIN lots l USING (workspace_id, lot_id) WHERE p.status = 'paid' "
                "GROUP BY w.workspace_id, w.name ORDER BY sum(l.remaining) DESC, w.workspace_id LIMIT 1"
            )
        )
        name, workspace_id = rows.one()
    return name, workspace_id


def act_as(page: Page, url: str, person: str) -> None:
    """Become one of the demo staff; a reload changes nobody."""
    open_page(page, f"{url}/overview")
    part(page, "person").get_by_role("button").click()
    part(page, "act_as").get_by_role("combobox").click()
    page.get_by_role("option", name=PEOPLE[person]).click()
    expect(part(settled(page), "person")).to_contain_text(PEOPLE[person])
    page.keyboard.press("Escape")


def _taken(page: Page, company: Company, picture: Picture) -> bytes:
    """Return one picture, once nothing on the page is still computed."""
    act_as(page, company.url, picture.person)
    open_page(page, f"{company.url}/{picture.path.format(id=company.workspace_id)}")
    picture.opens(page)
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until and any(page.get_by_text(words).count() for words in WAITING):
        page.wait_for_timeout(500)
    page.mouse.move(720, 899)
    settled(page).wait_for_timeout(1_000 * DRAWN_SECONDS)
    return page.screenshot()


def main() -> None:
    """Make every picture anew."""
    expect.set_options(timeout=60_000)
    FOLDER.mkdir(exist_ok=True)
    with demo_company(WORKSPACES, MONTHS) as company, chromium() as browser:
        context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme="light")
        context.set_default_timeout(60_000)
        page = context.new_page()
        for name, picture in PICTURES.items():
            image = Image.open(io.BytesIO(_taken(page, company, picture)))
            image.convert("RGB").quantize(COLOURS).save(FOLDER / f"{name}.png", optimize=True)
            print(f"docs/pictures/{name}.png", flush=True)


if __name__ == "__main__":
    main()
