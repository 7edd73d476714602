"""The Sign-ins tab of the Staff page: who is signed in, and ending their sessions after a confirmation."""

from sqlalchemy import Engine

from dashboard.clock import present
from ledger.database import reading, writing
from ledger.desk import audit, sessions
from tests.pages.visits import hire, visit, words


def test_an_administrator_sees_who_is_signed_in_and_ends_their_sessions(engine: Engine) -> None:
    with writing(engine) as db:
        sessions.start_session(db, bytes(32), address="10.0.0.7", browser="Firefox", at=present())
        sessions.note_click(db, bytes(32), "vic@example.com", at=present())
    page = visit(engine, "staff", email=hire(engine, "admin"), tab="sessions")
    assert page.selectbox(key="session_email").options == ["vic@example.com"]

    page.selectbox(key="session_email").set_value("vic@example.com")
    page.button(key="session_submit").click().run()
    assert "is signed out of every browser at once" in words(page)
    page.button(key="end_sessions_yes").click().run()

    assert "1 session of vic@example.com ended." in words(page)
    with reading(engine) as db:
        assert sessions.list_sessions(db, at=present()) == []
        assert [line.action for line in audit.list_lines(db)] == ["end_sessions", "first_sign_in"]


def test_who_is_not_on_the_staff_list_is_recorded_once_for_each_sign_in(engine: Engine) -> None:
    page = visit(engine, "overview", email="stranger@example.com")
    page.run()

    assert "is not on the staff list" in words(page)
    with reading(engine) as db:
        lines = audit.list_lines(db)
    assert [(line.action, line.actor) for line in lines] == [("sign_in_refused", "stranger@example.com")]
