"""A history comes in through the Import page of a real browser: uploaded, tried, booked, undone."""

import os
import re
from pathlib import Path

from playwright.sync_api import Page, expect
from sqlalchemy import Engine, text

from ledger.database import reading
from tests.browser.server import open_page, part, running, scrolled_to, settled
from tests.commands import PATIENCE_SECONDS
from tests.foreign_export import read_export, write_export
from tests.stripe_company import ANSWERS, StripeCompany

PICTURES = os.environ.get("IMPORT_PICTURES")
JOB_MS = 1_000 * PATIENCE_SECONDS
"""How long a test waits for what runs in the background: a busy machine is no failure."""


def picture(page: Page, name: str) -> None:
    """Store a screenshot when screenshots are requested."""
    if PICTURES:
        settled(page).screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


def workspaces(engine: Engine) -> int:
    with reading(engine) as db:
        return int(db.execute(text("SELECT count(*) FROM workspaces")).scalar_one())


def test_files_are_uploaded_tried_booked_and_undone(engine: Engine, page: Page, tmp_path: Path) -> None:
    write_export(tmp_path)
    files = sorted(path for path in tmp_path.iterdir() if path.suffix == ".csv")
    with running(engine, DATA_DIR=str(tmp_path / "data")) as url:
        open_page(page, f"{url}/imports")
        expect(page.get_by_text("No imports yet.")).to_be_visible()
        page.locator("[data-testid=stFileUploader] input").set_input_files(
            [*map(str, files), str(tmp_path / "mapping.toml")]
        )
        expect(page.get_by_text("mapping.toml").first).to_be_visible()
        settled(page)
        part(page, "import_keep").get_by_role("button").click()
        expect(page.get_by_text("Files uploaded.")).to_be_visible()
        picture(page, "imported")

        part(page, "import_try").get_by_role("button").click()
        expect(page.get_by_text("would be booked. Nothing was booked.")).to_be_visible(timeout=JOB_MS)
        picture(page, "dry_run")
        assert workspaces(engine) == 0

        part(page, "import_book").get_by_role("button").click()
        expect(page.get_by_text("rows booked and verified.")).to_be_visible(timeout=JOB_MS)
        picture(page, "booked")
        assert workspaces(engine) == len(read_export(tmp_path).balances)

        scrolled_to(page.get_by_role("combobox", name="Undo")).click()
        picture(page, "undo")
        assert "\\" not in page.get_by_role("option").first.inner_text()
        page.get_by_role("option").first.click()
        part(page, "undo_submit").get_by_role("button").click()
        expect(page.get_by_text("This removes the 12 workspaces")).to_be_visible()
        page.get_by_role("button", name="Undo import").last.click()
        expect(page.get_by_text("Import undone: 12 workspaces removed.")).to_be_visible(timeout=JOB_MS)
        picture(page, "undone")
        assert workspaces(engine) == 0


def test_questions_are_answered_on_the_page(engine: Engine, page: Page, tmp_path: Path) -> None:
    folder = tmp_path / "data" / "imports" / "calls"
    folder.mkdir(parents=True)
    (folder / "workspaces.csv").write_text(
        "workspace_id,name,owner_email,created_at\nacme,Acme,a@x.example,2026-01-01T00:00:00Z\n"
    )
    (folder / "calls.csv").write_text("workspace,id,seconds,ended\nacme,c1,61,2026-01-02 10:00\n")
    with running(engine, DATA_DIR=str(tmp_path / "data")) as url:
        open_page(page, f"{url}/imports")
        page.get_by_role("combobox", name="Folder").click()
        page.get_by_role("option", name="calls").click()
        settled(page).get_by_label(re.compile("timezone")).fill("Europe/Berlin")
        picture(page, "questions")
        page.get_by_label(re.compile("rounding")).click()
        page.get_by_role("option", name="up").click()
        part(page, "import_answers").get_by_role("button").click()
        expect(page.get_by_text("Mapping saved.")).to_be_visible()
        part(page, "import_book").get_by_role("button").click()
        expect(page.get_by_text("rows booked and verified.")).to_be_visible(timeout=JOB_MS)
    with reading(engine) as db:
        row = db.execute(text("SELECT minutes, at FROM entries WHERE kind = 'use'")).one()
    assert (row.minutes, row.at.isoformat()) == (2, "2026-01-02T09:00:00+00:00")


def test_a_stripe_account_is_read_tried_and_booked(engine: Engine, page: Page, tmp_path: Path) -> None:
    company = StripeCompany(engine)
    with running(engine, DATA_DIR=str(tmp_path / "data")) as url:
        open_page(page, f"{url}/imports")
        page.get_by_text("From Stripe").click()
        part(page, "stripe_read").get_by_role("button").click()
        expect(page.get_by_text("6 customers")).to_be_visible()
        part(settled(page), "stripe_answer").get_by_role("button").click()
        questions = len(ANSWERS["payments"])
        expect(page.get_by_text(f"Choices saved. Open questions: {questions}.")).to_be_visible()
        field = part(settled(page), "stripe_choices").get_by_role("textbox")
        written = field.input_value()
        for group, answer in ANSWERS["payments"].items():
            written = written.replace(f'"{group}" = "?"', f'"{group}" = "{answer}"')
        field.fill(written)
        part(page, "stripe_answer").get_by_role("button").click()
        expect(page.get_by_text("Choices saved.", exact=True)).to_be_visible()
        picture(page, "stripe_account")

        part(settled(page), "stripe_try").get_by_role("button").click()
        expect(page.get_by_text("would be booked. Nothing was booked.")).to_be_visible(timeout=JOB_MS)
        assert workspaces(engine) == 0
        part(settled(page), "stripe_book").get_by_role("button").click()
        expect(page.get_by_text("rows booked and verified.")).to_be_visible(timeout=JOB_MS)
        picture(page, "stripe_booked")
        assert workspaces(engine) == len(company.customers)
