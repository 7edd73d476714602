"""Every page with every role, by its address: it opens for those who may, and says so to those who may not."""

import ast
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine

import ledger
from dashboard.access import ROLES
from dashboard.clock import present
from dashboard.matrix import FILE, document
from dashboard.navigation import ENTRIES, PAGES, NavigationEntry, existing
from ledger.database import writing
from tests.databases import migrated_database
from tests.pages.visits import hire, visit, words

DENIED = "You don't have access"
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


def first_act(entry: NavigationEntry) -> ast.AST:
    """Return the first statement of a page behind its docstring and its imports."""
    _docstring, *statements = ast.parse((PAGES / f"{entry.file}.py").read_text()).body
    return next(each for each in statements if not isinstance(each, ast.Import | ast.ImportFrom))


@pytest.mark.parametrize("entry", list(existing()), ids=lambda entry: entry.file)
def test_the_first_thing_that_a_page_does_is_to_require_the_permission_of_its_entry(
    entry: NavigationEntry,
) -> None:
    act = first_act(entry)

    assert isinstance(act, ast.Assign | ast.Expr)
    assert ast.unparse(act.value) == f"require({entry.permission!r})"


@pytest.mark.parametrize("role", ROLES)
def test_what_is_required_opens_a_page_exactly_for_the_roles_that_have_it(company: Engine, role: str) -> None:
    page = visit(company, "staff", email=f"{role}@example.com")

    assert not page.exception
    denied = any(DENIED in (error.proto.title or "") for error in page.error)
    assert denied == ("manage_staff" not in ROLES[role])
    assert ("API keys" in words(page) or page.tabs != []) == (not denied)


def visitors() -> Iterator[tuple[NavigationEntry, str]]:
    """Yield who opens each page here: every role that may not see addresses, else the one with the fewest rights."""
    for entry in existing():
        may = sorted(
            (role for role in ROLES if entry.permission in ROLES[role]), key=lambda role: len(ROLES[role])
        )
        yield from (
            (entry, role) for role in may if "view_personal_data" not in ROLES[role] or role == may[0]
        )


@pytest.mark.parametrize(("entry", "role"), list(visitors()), ids=lambda each: getattr(each, "file", each))
def test_a_page_opens_without_an_error_and_shows_addresses_to_few(
    company: Engine, entry: NavigationEntry, role: str
) -> None:
    page = visit(company, entry.file, email=f"{role}@example.com", id="acme", workspace="acme")

    assert not page.exception
    assert not any(DENIED in (error.proto.title or "") for error in page.error)
    if "view_personal_data" not in ROLES[role]:
        shown = words(page) + "".join(frame.value.to_csv() for frame in page.dataframe)
        assert "owner@acme.example" not in shown


def test_a_signed_out_visitor_sees_the_sign_in_view_and_nothing_else(company: Engine) -> None:
    page = visit(company, "workspace", email=None, id="acme")

    assert SIGNED_OUT in words(page)
    assert "Acme" not in words(page)


def test_a_person_without_access_sees_nothing_on_the_next_click(company: Engine) -> None:
    page = visit(company, "workspace", email="stranger@example.com", id="acme")

    assert "is not on the staff list" in words(page)
    assert "Acme" not in words(page)
