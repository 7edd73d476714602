"""Reports are subscribed, previewed, tested and stopped on the page that they are of."""

from datetime import UTC, datetime

from sqlalchemy import text

from ledger.database import reading, writing
from ledger.notify import list_reports
from tests.pages.visits import hire, visit, words

THEN = {"at": "2026-04-30T00:00:00+00:00", "source": "live"}


def opened(app):
    """The page with its reports in view."""
    app.session_state["reports"] = True
    return app.run()


def test_a_page_is_subscribed_to_with_its_filters_previewed_and_stopped(story):
    hire(story, "viewer", "team")
    app = opened(visit(story, "conversion", email="viewer@example.com", plan="pro", **THEN))
    app.text_input(key="report_target").set_value("team@example.com")
    app.button(key="report_preview").click().run()
    assert "Conversion, Apr 20 – 26, 2026 (Live, pro)" in app.code[0].value

    app.button(key="report_submit").click().run()
    with reading(story) as db:
        (mine,) = list_reports(db, created_by="viewer@example.com")
        audited = db.execute(text("SELECT action FROM audit WHERE action <> 'first_sign_in'")).scalars().all()
    assert (mine.page, mine.query, mine.every, mine.channel) == ("conversion", "plan=pro", "week", "email")
    assert audited == ["add_report"]
    assert "team@example.com gets this page every week" in words(app)

    app.button(key=f"test_{mine.alert_id}").click().run()
    assert "is not set, so no e-mail can be sent" in words(app)
    app.button(key=f"stop_{mine.alert_id}").click().run()
    with reading(story) as db:
        assert list_reports(db) == []


def test_a_viewer_makes_this_server_call_no_address(story):
    app = opened(visit(story, "overview", email="viewer@example.com", **THEN))
    app.selectbox(key="report_channel").set_value("slack")
    app.text_input(key="report_target").set_value("https://hooks.example.com/a")
    app.button(key="report_submit").click().run()
    assert "Webhooks need the right to manage API keys" in words(app)
    with reading(story) as db:
        assert list_reports(db) == []


def test_somebody_elses_report_is_not_shown(story):
    hire(story, "pricing")
    hire(story, "viewer", "p")
    app = opened(visit(story, "liability", email="pricing@example.com", **THEN))
    app.text_input(key="report_target").set_value("p@example.com")
    app.button(key="report_submit").click().run()
    other = opened(visit(story, "liability", email="viewer@example.com", **THEN))
    assert "p@example.com" not in words(other)
    with writing(story) as db:
        db.execute(text("UPDATE alert_subscriptions SET stopped_at = :at"), {"at": datetime.now(UTC)})
