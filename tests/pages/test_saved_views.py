"""A saved view is a link for the person who saved it."""

from sqlalchemy import text

from ledger.database import reading
from tests.pages.visits import visit

THEN = {"at": "2026-04-30T00:00:00+00:00", "source": "live"}


def test_a_saved_view_is_a_link_with_the_filters(story):
    app = visit(story, "overview", email="support@example.com", period="30d", **THEN)
    app.text_input(key="view_name").set_value("April")
    app.run()

    app.button(key="save_view").click().run()

    with reading(story) as db:
        saved = db.execute(text("SELECT operator, page, name, query FROM saved_views")).one()
    assert tuple(saved)[:3] == ("support@example.com", "overview", "April")
    assert "period=30d" in saved.query
    assert not visit(story, "overview", email="support@example.com", **THEN).exception


def test_a_saved_view_can_be_removed(story):
    app = visit(story, "overview", email="viewer@example.com", **THEN)
    app.text_input(key="view_name").set_value("Mine")
    app.run()
    app.button(key="save_view").click().run()

    app.button(key="drop_Mine").click().run()

    with reading(story) as db:
        assert "Mine" not in db.execute(text("SELECT name FROM saved_views")).scalars().all()
