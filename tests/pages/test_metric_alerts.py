"""Alerts on metrics, saved and stopped by staff."""

from sqlalchemy import text

from dashboard.clock import present
from ledger.database import reading, writing
from ledger.desk import staff
from tests.pages.visits import hire, visit, words

THEN = {"at": "2026-04-30T00:00:00+00:00", "source": "live"}
ALERTS = {"about": "conversion", "about_tab": "alerts"}


def test_staff_save_an_alert_and_a_bad_address_is_refused(story):
    app = visit(story, "overview", email="viewer@example.com", **ALERTS, **THEN)
    fields = {field.label: field for field in app.text_input}
    fields["E-mail or HTTPS address"].set_value("http://example.com/plain")
    app.button(key="FormSubmitter:alert-Add alert").click().run()
    refused = [error.value for error in app.error]

    {field.label: field for field in app.text_input}["E-mail or HTTPS address"].set_value("team@example.com")
    app.button(key="FormSubmitter:alert-Add alert").click().run()

    assert any("https" in sentence for sentence in refused)
    with reading(story) as db:
        assert db.execute(text("SELECT target FROM alert_subscriptions")).scalars().all() == [
            "team@example.com"
        ]


def test_a_threshold_in_money_is_entered_and_shown_in_whole_units_and_stored_in_cents(story):
    hire(story, "viewer", "money")
    money = {"about": "revenue-net", "about_tab": "alerts"}
    app = visit(story, "overview", email="viewer@example.com", **money, **THEN)
    {field.label: field for field in app.number_input}["Threshold (USD)"].set_value(19.99)
    {field.label: field for field in app.text_input}["E-mail or HTTPS address"].set_value("money@example.com")

    app.button(key="FormSubmitter:alert-Add alert").click().run()

    again = visit(story, "overview", email="viewer@example.com", **money, **THEN)
    with reading(story) as db:
        saved = "SELECT threshold FROM alert_subscriptions WHERE target = 'money@example.com'"
        assert db.execute(text(saved)).scalar_one() == 1999
    assert "Below $19.99" in words(again)


def test_an_alert_can_be_stopped(story):
    hire(story, "viewer", "other")
    app = visit(story, "overview", email="viewer@example.com", **ALERTS, **THEN)
    {field.label: field for field in app.text_input}["E-mail or HTTPS address"].set_value("other@example.com")
    app.button(key="FormSubmitter:alert-Add alert").click().run()
    with reading(story) as db:
        saved = db.execute(
            text("SELECT alert_id FROM alert_subscriptions WHERE target = 'other@example.com'")
        ).scalar_one()
    app = visit(story, "overview", email="viewer@example.com", **ALERTS, **THEN)

    app.button(key=f"stop_{saved}").click().run()

    with reading(story) as db:
        stopped = db.execute(
            text("SELECT stopped_at FROM alert_subscriptions WHERE alert_id = :id"), {"id": saved}
        ).scalar_one()
    assert stopped is not None


def test_a_deactivated_person_stops_no_alert_on_a_page_that_is_still_open(story):
    hire(story, "viewer", "mine")
    email = hire(story, "viewer", "vera")
    app = visit(story, "overview", email=email, **ALERTS, **THEN)
    {field.label: field for field in app.text_input}["E-mail or HTTPS address"].set_value("mine@example.com")
    app.button(key="FormSubmitter:alert-Add alert").click().run()
    stop = [
        button.key
        for button in visit(story, "overview", email=email, **ALERTS, **THEN).button
        if button.label == "Stop"
    ]
    app.run()
    with writing(story) as db:
        staff.disable_staff(db, email, at=present())

    app.button(key=stop[0]).click().run()

    with reading(story) as db:
        running = text("SELECT stopped_at IS NULL FROM alert_subscriptions WHERE target = 'mine@example.com'")
        assert db.execute(running).scalar_one()


def test_a_viewer_is_offered_no_webhook(story):
    app = visit(story, "overview", email="viewer@example.com", **ALERTS, **THEN)

    assert {field.label: field for field in app.selectbox}["Notify by"].options == ["E-mail"]


def test_the_secret_of_a_webhook_is_shown_once(story):
    app = visit(story, "overview", email=hire(story, "admin"), **ALERTS, **THEN)
    {field.label: field for field in app.text_input}["E-mail or HTTPS address"].set_value(
        "https://hooks.example.com/metrics"
    )
    {field.label: field for field in app.selectbox}["Notify by"].set_value("webhook")

    app.button(key="FormSubmitter:alert-Add alert").click().run()
    shown = [each.value for each in app.code]
    app.run()

    with reading(story) as db:
        saved = db.execute(
            text("SELECT secret FROM alert_subscriptions WHERE channel = 'webhook'")
        ).scalar_one()
    assert shown == [saved]
    assert saved not in [each.value for each in app.code]
