"""Goals and notes: set by staff, drawn on the charts."""

import json

from sqlalchemy import text

from ledger.database import reading
from ledger.metrics.annotations import goal_of
from tests.pages.visits import main_chart, visit, words

THEN = {"at": "2026-04-30T00:00:00+00:00", "source": "live"}
NOTES = {"about": "conversion", "about_tab": "notes"}
ALERTS = {"about": "conversion", "about_tab": "alerts"}


def test_a_note_is_drawn_on_the_charts(story):
    app = visit(story, "conversion", email="viewer@example.com", **NOTES, **THEN)
    app.text_input(key="annotation_text").set_value("Warnings at 80 % <b>launched</b>")
    app.date_input(key="annotation_day").set_value("2026-03-20")
    app.selectbox(key="annotation_kind").select("launch")

    app.button(key="FormSubmitter:annotation-Add note").click().run()

    again = visit(story, "conversion", email="viewer@example.com", **NOTES, **THEN)
    with reading(story) as db:
        saved = db.execute(text("SELECT text, created_by FROM annotations")).one()
    assert tuple(saved) == ("Warnings at 80 % <b>launched</b>", "viewer@example.com")
    assert "Launch" in words(again)
    assert "launched" in main_chart(again)


def test_a_mistaken_note_is_removed_by_its_author_and_offered_to_nobody_else(story):
    app = visit(story, "overview", email="support@example.com", **NOTES, **THEN)
    app.text_input(key="annotation_text").set_value("Launched by mistake")
    app.date_input(key="annotation_day").set_value("2026-03-21")
    app.button(key="FormSubmitter:annotation-Add note").click().run()
    seen_by_others = visit(story, "overview", email="viewer@example.com", **NOTES, **THEN)
    own = visit(story, "overview", email="support@example.com", **NOTES, **THEN)
    with reading(story) as db:
        note = db.execute(
            text("SELECT annotation_id FROM annotations WHERE text = 'Launched by mistake'")
        ).scalar_one()
    remove = own.button(key=f"withdraw_{note}")

    remove.click().run()

    assert "Launched by mistake" in words(seen_by_others)
    assert remove.key not in {button.key for button in seen_by_others.button}
    assert "Annotation removed" in words(own)
    assert "Launched by mistake" not in words(
        visit(story, "overview", email="support@example.com", **NOTES, **THEN)
    )


def test_a_goal_is_a_line_on_the_chart(story):
    app = visit(story, "overview", email="viewer@example.com", **ALERTS, **THEN)
    app.number_input(key="goal_value_conversion").set_value(45.0)

    app.button(key="FormSubmitter:goal-Set goal").click().run()

    again = visit(story, "overview", email="viewer@example.com", **THEN)
    with reading(story) as db:
        assert goal_of(db, "conversion", source="live") == 45
    assert "Goal 45.0%" in again.get("plotly_chart")[0].proto.spec


def test_a_goal_in_money_is_entered_in_whole_units_and_stored_in_cents(story):
    app = visit(
        story, "overview", email="viewer@example.com", about="revenue-net", about_tab="alerts", **THEN
    )
    field = app.number_input(key="goal_value_revenue-net")
    field.set_value(119.99)

    app.button(key="FormSubmitter:goal-Set goal").click().run()

    again = visit(
        story, "overview", email="viewer@example.com", about="revenue-net", about_tab="alerts", **THEN
    )
    with reading(story) as db:
        assert goal_of(db, "revenue-net", source="live") == 11_999
    assert field.label == "Goal (USD)"
    assert again.number_input(key="goal_value_revenue-net").value == 119.99


def test_a_note_with_markup_is_letters_on_the_chart_and_in_the_list(story):
    written = "Price test (A/B): -10 % off!"
    app = visit(story, "conversion", email="viewer@example.com", **NOTES, **THEN)
    app.text_input(key="annotation_text").set_value(written)
    app.date_input(key="annotation_day").set_value("2026-03-22")

    app.button(key="FormSubmitter:annotation-Add note").click().run()

    again = visit(story, "conversion", email="viewer@example.com", **NOTES, **THEN)
    marks = json.loads(main_chart(again))["layout"]["annotations"]
    assert written in [mark["text"] for mark in marks]
    assert written in words(again)
