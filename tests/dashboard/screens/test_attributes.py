"""The Attributes page: what is known, and a list that is checked before it is set."""

import pytest
from sqlalchemy import Engine

import ledger
from dashboard.screens import attributes
from ledger.database import reading, writing
from ledger.desk import AttributeRow
from ledger.minutes import get_attributes, set_attributes
from tests.pages.visits import hire, visit, words
from tests.stories import START


@pytest.fixture
def two(engine: Engine) -> Engine:
    """Two workspaces of which the country is known, and a supporter and a viewer."""
    for role in ("support", "viewer"):
        hire(engine, role)
    with writing(engine) as db:
        for name, country in (("acme", "DE"), ("best", "FR")):
            ledger.create_workspace(
                db, name, name=name.title(), owner_email="o@example.com", actor="t", at=START
            )
            set_attributes(db, name, {"country": country}, actor="t", at=START)
    return engine


def test_a_list_is_checked_shown_and_set(two: Engine) -> None:
    page = visit(two, "attributes", email="support@example.com")
    page.text_area(key="attributes_text").input("workspace_id,country,seats\nacme,IT,3\nbest,FR,\n").run()
    checked = words(page)
    page.button(key="attributes_submit").click().run()

    assert not page.exception
    assert "**1 attribute**: Country. Each filters every metric." in checked
    assert "1 workspace changes, 1 stay as they are." in checked
    assert "1 workspace changed." in words(page)
    assert "**2 attributes**: Country, Seats." in words(page)
    with reading(two) as db:
        assert get_attributes(db, "acme") == {"country": "IT", "seats": 3}
        assert get_attributes(db, "best") == {"country": "FR"}


def test_a_list_with_a_problem_cannot_be_set(two: Engine) -> None:
    page = visit(two, "attributes", email="support@example.com")
    page.text_area(key="attributes_text").input("workspace_id,country\nacme,IT\nnobody,DE\n").run()

    assert "1 row has a problem" in words(page)
    assert page.button(key="attributes_submit").disabled


def test_a_heading_that_names_no_attribute_is_said(two: Engine) -> None:
    page = visit(two, "attributes", email="support@example.com")
    page.text_area(key="attributes_text").input("acme,IT\n").run()

    assert "The first line names the columns" in words(page)
    assert not page.exception


def test_a_viewer_does_not_see_the_page(two: Engine) -> None:
    page = visit(two, "attributes", email="viewer@example.com")

    assert "include this permission: set what else" in words(page)
    assert not page.text_area


def test_a_change_is_written_from_old_to_new() -> None:
    row = AttributeRow(
        line=2,
        workspace_id="acme",
        changes={"country": "FR", "seats": None, "size": 3},
        before={"country": "DE"},
    )

    assert attributes.changes_of(row) == "country DE → FR, seats removed, size – → 3"


def test_without_attributes_the_page_says_what_they_are_for() -> None:
    assert attributes.answer({}).startswith("**No attributes yet**")
