"""Every page with every role, by its address: it opens for those who may, and says so to those who may not."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine

import ledger
from dashboard.access import ROLES
from dashboard.clock import present
from dashboard.matrix import FILE, document
from dashboard.navigation import ENTRIES, PAGES, Entry
from ledger.database import writing
from tests.databases import migrated_database
from tests.pages.visits import hire, visit, words

DENIED = "You do not have access"
SIGNED_OUT = "Sign in to see balances"


@pytest.fixture(scope="module")
def company() -> Iterator[Engine]:
    """A database with one customer and one member of staff of each role."""
    with migrated_database() as engine:
        at = present() - timedelta(days=40)
        with writing(engine) as db:
            ledger.create_workspace(
                db, "acme", name="Acme", owner_email="owner@acme.example", actor="test", at=at
            )
            ledger.update_plan_allocation(db, "acme", "starter", "monthly", key="first", actor="test", at=at)
            ledger.track_minutes(db, "acme", 250, key="call", at=at + timedelta(days=1))
        for role in ROLES:
            hire(engine, role)
        yield engine


def test_every_page_file_is_in_the_navigation() -> None:
    assert {file.stem for file in PAGES.glob("*.py")} <= {entry.file for entry in ENTRIES}


def test_the_document_of_permissions_is_what_the_dashboard_asks() -> None:
    assert FILE.read_text("utf-8") == document()


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.file)
def test_a_page_opens_exactly_for_its_roles_and_shows_addresses_to_few(
    company: Engine, entry: Entry, role: str
) -> None:
    if not (PAGES / f"{entry.file}.py").exists():
        pytest.skip(f"there is no page {entry.file}")

    page = visit(company, entry.file, email=f"{role}@example.com", id="acme", workspace="acme")

    assert not page.exception
    denied = any(DENIED in (error.proto.title or "") for error in page.error)
    assert denied == (entry.permission not in ROLES[role])
    if "view_personal_data" not in ROLES[role]:
        shown = words(page) + "".join(frame.value.to_csv() for frame in page.dataframe)
        assert "owner@acme.example" not in shown


def test_a_signed_out_visitor_sees_the_sign_in_view_and_nothing_else(company: Engine) -> None:
    page = visit(company, "workspace", email=None, id="acme")

    assert SIGNED_OUT in words(page)
    assert "Acme" not in words(page)


def test_somebody_shut_out_sees_nothing_on_the_next_click(company: Engine) -> None:
    page = visit(company, "workspace", email="stranger@example.com", id="acme")

    assert "is not on the staff list" in words(page)
    assert "Acme" not in words(page)
