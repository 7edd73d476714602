"""Goals and annotations: set by staff, drawn on the charts."""

from sqlalchemy import text

from ledger.annotations import goal_of
from ledger.database import reading
from tests.pages.visits import visit, words

THEN = {"at": "2026-04-30T00:00:00+00:00", "source": "live"}


def test_an_annotation_is_drawn_on_the_charts(story):
    app = visit(story, "conversion", email="viewer@example.com", **THEN)
    app.text_input(key="annotation_text").set_value("Warnings at 80 % <b>launched</b>")
    app.date_input(key="annotation_day").set_value("2026-03-20")
    app.selectbox(key="annotation_kind").select("launch")

    app.button(key="FormSubmitter:annotation-Add annotation").click().run()

    again = visit(story, "conversion", email="viewer@example.com", **THEN)
    with reading(story) as db:
        kept = db.execute(text("SELECT text, created_by FROM annotations")).one()
    assert tuple(kept) == ("Warnings at 80 % <b>launched</b>", "viewer@example.com")
    assert "Launch" in words(again)
    assert "launched" in again.get("plotly_chart")[0].proto.spec


def test_a_goal_is_a_line_on_the_chart(story):
    app = visit(story, "overview", email="viewer@example.com", **THEN)
    app.number_input(key="goal_value").set_value(45.0)

    app.button(key="FormSubmitter:goal-Set goal").click().run()

    again = visit(story, "overview", email="viewer@example.com", **THEN)
    with reading(story) as db:
        assert goal_of(db, "conversion", source="live") == 45
    assert "goal" in again.get("plotly_chart")[0].proto.spec
