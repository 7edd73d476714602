"""The audit log: lines are added and read, never changed, and one request leaves one line."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from ledger.desk import audit
from ledger.errors import InvalidText
from tests.stories import START


def _record(db: Connection, request_id: str = "r1", **columns: Any) -> int:
    output = {"actor": "sam", "role": "support", "action": "grant", "at": START, **columns}
    return audit.record(db, request_id=request_id, **output)


def test_a_line_says_who_what_when_why_and_what_it_changed(db: Connection) -> None:
    _record(db, workspace_id="acme", minutes=60, before={"total": 1}, after={"total": 61}, reason="sorry")

    line = audit.list_lines(db)[0]

    assert (line.actor, line.action, line.at, line.reason, line.minutes) == (
        "sam",
        "grant",
        START,
        "sorry",
        60,
    )
    assert (line.before, line.after) == ({"total": 1}, {"total": 61})


@pytest.mark.parametrize("attack", ["UPDATE audit SET actor = 'eve'", "DELETE FROM audit", "TRUNCATE audit"])
def test_the_application_cannot_change_or_remove_a_line(db: Connection, attack: str) -> None:
    _record(db)

    with pytest.raises(DBAPIError, match="permission denied"), db.begin_nested():
        db.execute(text(attack))


def test_one_request_leaves_one_line_for_each_thing_it_did(db: Connection) -> None:
    _record(db)

    assert audit.recorded(db, "r1", "grant") is not None
    assert audit.recorded(db, "r1", "refund") is None
    with pytest.raises(IntegrityError), db.begin_nested():
        _record(db)


def test_any_word_matches_lines_and_pages_start_with_the_newest(db: Connection) -> None:
    numbers = [_record(db, f"r{n}", reason=f"because {n} 100%", workspace_id=f"w{n % 2}") for n in range(6)]

    assert [line.audit_no for line in audit.list_lines(db, text="BECAUSE 3")] == [numbers[3]]
    assert audit.list_lines(db, text="because _") == []
    assert len(audit.list_lines(db, workspace_id="w1")) == 3
    first = audit.list_lines(db, limit=4)
    rest = audit.list_lines(db, before=first[-1].audit_no)
    assert [line.audit_no for line in (*first, *rest)] == numbers[::-1]


def test_what_was_given_is_counted_for_each_person_and_time(db: Connection) -> None:
    _record(db, "a", minutes=10)
    _record(db, "b", minutes=20, at=START - timedelta(days=1))
    _record(db, "c", action="refund", amount_cents=500)
    _record(db, "d", actor="tom", minutes=40)
    _record(db, "e", action="approve_grant", minutes=4000)

    assert audit.granted_since(db, "sam", START) == (10, 500)


def test_repeated_and_large_grants_are_reported(db: Connection) -> None:
    for number in range(3):
        _record(db, f"again {number}", minutes=5, workspace_id="often")
    for number in range(30):
        _record(db, f"usual {number}", minutes=30, workspace_id=f"w{number}", actor="tom")
    _record(db, "huge", minutes=5000, workspace_id="big", actor="tom")

    result = {grant.workspace_id: grant.why for grant in audit.unusual_grants(db, since=START)}

    assert result == {"often": "repeated", "big": "large"}


def test_text_that_cannot_be_stored_is_refused(db: Connection) -> None:
    for unstorable in ("\x00", "\ud800"):
        with pytest.raises(InvalidText):
            _record(db, reason=f"because {unstorable}")
        assert audit.list_lines(db, text=unstorable) == audit.list_lines(db)
