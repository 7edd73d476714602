"""Sign-in sessions end at the server: at sign-out, by time, with the role and with the person."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection

from ledger.desk import sessions, staff

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
ONE, TWO, OTHER = (bytes([number]) * 32 for number in (1, 2, 3))
MINUTE = timedelta(minutes=1)


@pytest.fixture
def signed_in(db: Connection) -> Connection:
    """Ada in two browsers, Ben in one."""
    for email in ("ada@x.example", "ben@x.example"):
        staff.add_staff(db, email, role="support", actor="boss", at=AT)
    for session_id, email in ((ONE, "ada@x.example"), (TWO, "ada@x.example"), (OTHER, "ben@x.example")):
        sessions.start_session(db, session_id, address="10.0.0.7", browser="Firefox", at=AT)
        sessions.note_click(db, session_id, email, at=AT)
    return db


def living(db: Connection, at: datetime = AT + MINUTE) -> set[bytes]:
    return {each for each in (ONE, TWO, OTHER) if sessions.live_session(db, each, at=at)}


def test_a_session_is_listed_with_its_person_until_it_is_ended_for_good(signed_in: Connection) -> None:
    assert [(each.email, each.address) for each in sessions.list_sessions(signed_in, at=AT)] == [
        ("ada@x.example", "10.0.0.7"),
        ("ada@x.example", "10.0.0.7"),
        ("ben@x.example", "10.0.0.7"),
    ]

    assert sessions.end_session(signed_in, ONE, because="signed_out", at=AT)
    assert not sessions.end_session(signed_in, ONE, because="signed_out", at=AT)
    sessions.note_click(signed_in, ONE, "ada@x.example", at=AT + MINUTE)
    sessions.start_session(signed_in, ONE, address="elsewhere", browser="", at=AT + MINUTE)

    assert living(signed_in) == {TWO, OTHER}
    assert len(sessions.list_sessions(signed_in, at=AT)) == 2


def test_a_session_that_nobody_started_does_not_live(signed_in: Connection) -> None:
    assert sessions.live_session(signed_in, bytes(32), at=AT) is None


def test_a_session_ends_twelve_hours_after_the_sign_in_whatever_one_does(signed_in: Connection) -> None:
    at = AT
    while at < AT + sessions.LASTS - MINUTE:
        at += timedelta(minutes=90)
        sessions.note_click(signed_in, ONE, "ada@x.example", at=min(at, AT + sessions.LASTS - MINUTE))

    assert living(signed_in, AT + sessions.LASTS - MINUTE) == {ONE}
    assert living(signed_in, AT + sessions.LASTS) == set()


def test_a_session_ends_two_hours_after_the_last_click(signed_in: Connection) -> None:
    sessions.note_click(signed_in, TWO, "ada@x.example", at=AT + MINUTE)

    assert living(signed_in, AT + timedelta(hours=2)) == {TWO}
    assert living(signed_in, AT + timedelta(hours=2) + MINUTE) == set()


def test_a_click_is_written_at_most_once_a_minute(signed_in: Connection) -> None:
    session = sessions.live_session(signed_in, ONE, at=AT)
    assert session is not None

    assert not sessions.is_due(session, "ada@x.example", AT + MINUTE - timedelta(seconds=1))
    assert sessions.is_due(session, "ada@x.example", AT + MINUTE)
    assert sessions.is_due(session, "ben@x.example", AT)


def test_another_role_ends_the_sessions_of_the_person_and_of_nobody_else(signed_in: Connection) -> None:
    staff.add_staff(signed_in, "ada@x.example", role="support", actor="boss", at=AT + MINUTE)
    assert living(signed_in) == {ONE, TWO, OTHER}

    staff.add_staff(signed_in, "Ada@X.example", role="viewer", actor="boss", at=AT + MINUTE)
    assert living(signed_in) == {OTHER}


def test_who_is_deactivated_is_signed_out(signed_in: Connection) -> None:
    staff.disable_staff(signed_in, "Ada@x.example", at=AT + MINUTE)

    assert living(signed_in) == {OTHER}


def test_signing_out_everywhere_ends_all_sessions_of_one_person(signed_in: Connection) -> None:
    ended = sessions.end_sessions_of(signed_in, "ADA@x.example", because="signed_out_everywhere", at=AT)

    assert ended == 2
    assert living(signed_in) == {OTHER}


def test_sessions_of_three_months_ago_are_forgotten(signed_in: Connection) -> None:
    sessions.start_session(signed_in, bytes(32), address="a", browser="b", at=AT + timedelta(days=91))

    assert sessions.list_sessions(signed_in, at=AT) == []


def test_the_id_is_the_digest_of_every_part_of_the_cookie() -> None:
    whole = sessions.session_id_of({"c": "2|a", "d": "x"}, "c")

    assert whole == sessions.session_id_of({"c": "2|a"}, "c")
    assert whole != sessions.session_id_of({"c": "2|a", "c_1": "b"}, "c")
    assert sessions.session_id_of({"c": "", "c_1": "b"}, "c") is None
    assert sessions.session_id_of({}, "c") is None
