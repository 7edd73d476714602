"""The small panel of a workspace: what is known of it, and changing it."""

import pytest
from sqlalchemy import Engine

import ledger
from ledger.database import reading, writing
from ledger.minutes import get_attributes, set_attributes
from tests.pages.visits import hire, visit
from tests.stories import START


@pytest.fixture
def two(engine: Engine) -> Engine:
    """Two workspaces with other countries, and a supporter."""
    hire(engine, "support")
    with writing(engine) as db:
        for name, known in (("acme", {"country": "DE", "seats": 3}), ("best", {"country": "FR"})):
            ledger.create_workspace(
                db, name, name=name.title(), owner_email="o@example.com", actor="t", at=START
            )
            set_attributes(db, name, known, actor="t", at=START)
    return engine


def test_attributes_are_shown_changed_emptied_and_added(two: Engine) -> None:
    page = visit(two, "workspace", email="support@example.com", id="acme")
    fields = {field.label: field for field in page.text_input}
    fields["Country"].input("IT")
    fields["Seats"].input("")
    fields["New attribute"].input("Account manager")
    fields["Value"].input("Ada")
    page.button(key="attributes_save").click().run()

    assert not page.exception
    with reading(two) as db:
        assert get_attributes(db, "acme") == {"account_manager": "Ada", "country": "IT"}
        assert get_attributes(db, "best") == {"country": "FR"}
    assert any("Country: IT" in str(badge.value) for badge in page.markdown)


def test_a_field_that_was_not_touched_keeps_what_was_set_elsewhere(two: Engine) -> None:
    page = visit(two, "workspace", email="support@example.com", id="acme")
    with writing(two) as db:
        set_attributes(db, "acme", {"country": "IT"}, actor="api", at=START)
    page.run()
    next(field for field in page.text_input if field.label == "Seats").input("4")
    page.button(key="attributes_save").click().run()

    with reading(two) as db:
        assert get_attributes(db, "acme") == {"country": "IT", "seats": 4}
