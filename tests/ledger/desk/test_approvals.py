"""Approvals: requested once, decided once, never by the person who requested."""

from uuid import UUID

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from ledger.desk import approvals
from ledger.errors import AlreadyDecided, InvalidText, SecondPersonNeeded, UnknownApproval
from tests.stories import START

ONE = UUID(int=1)


def _ask(db: Connection, reason: str = "a week of outage", minutes: int = 500) -> None:
    approvals.request_approval(
        db,
        ONE,
        action="grant",
        workspace_id="acme",
        body={"minutes": minutes},
        reason=reason,
        actor="sam",
        role="support",
        at=START,
        minutes=minutes,
    )


def test_asking_twice_is_one_request_and_the_first_words_stay(db: Connection) -> None:
    _ask(db)
    _ask(db, minutes=999_999)

    [request] = approvals.list_approvals(db, state="waiting")
    assert (request.minutes, request.body, request.state) == (500, {"minutes": 500}, "waiting")


def test_one_person_asks_another_decides_and_once(db: Connection) -> None:
    _ask(db)

    with pytest.raises(SecondPersonNeeded):
        approvals.lock_waiting(db, ONE, decided_by="sam")
    approvals.lock_waiting(db, ONE, decided_by="ada")
    approvals.decide(db, ONE, accepted=False, decided_by="ada", reason="too much", at=START)

    with pytest.raises(AlreadyDecided):
        approvals.lock_waiting(db, ONE, decided_by="ben")
    [request] = approvals.list_approvals(db, workspace_id="acme")
    assert (request.state, request.decided_by, request.decision_reason) == ("rejected", "ada", "too much")


def test_the_database_itself_refuses_a_decision_on_ones_own_request(db: Connection) -> None:
    _ask(db)

    with pytest.raises(IntegrityError), db.begin_nested():
        db.execute(text("UPDATE approvals SET state = 'accepted', decided_by = 'sam', decided_at = now()"))


def test_a_request_nobody_made_and_a_reason_nobody_gave_are_refused(db: Connection) -> None:
    with pytest.raises(UnknownApproval):
        approvals.lock_waiting(db, ONE, decided_by="ada")
    with pytest.raises(InvalidText):
        _ask(db, reason="  ")
