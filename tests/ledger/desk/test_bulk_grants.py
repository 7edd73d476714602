"""Bulk grant: the dry run reports every problem; rows are granted once and undone once."""

from uuid import UUID

import pytest
from sqlalchemy import Connection

import ledger
from ledger.desk import bulk_grants
from ledger.desk.bulk_grants import GrantRequest
from ledger.errors import UnknownBatch
from tests.stories import START, Story

ONE = UUID(int=1)


def _create(db: Connection, requests: list[GrantRequest]) -> None:
    bulk_grants.create_batch(
        db,
        ONE,
        bulk_grants.check_rows(db, requests),
        title="Outage",
        reason="outage",
        needs_approval=False,
        actor="sam",
        at=START,
    )


def test_the_dry_run_names_the_problem_of_every_row_and_writes_nothing(db: Connection) -> None:
    acme, twice = Story(db).workspace_id, Story(db).workspace_id
    requests = [
        GrantRequest(1, acme, 60),
        GrantRequest(2, "nobody", 60),
        GrantRequest(3, acme + "\x00", 60),
        GrantRequest(9, acme + "\ud800", 60),
        GrantRequest(4, twice, 5),
        GrantRequest(5, twice, 5),
        GrantRequest(6, Story(db).workspace_id, None),
        GrantRequest(7, Story(db).workspace_id, 0),
        GrantRequest(8, Story(db).workspace_id, 10**12),
    ]

    assert [row.problem for row in bulk_grants.check_rows(db, requests)] == [
        "",
        "unknown workspace",
        "unknown workspace",
        "unknown workspace",
        "listed more than once",
        "listed more than once",
        "minutes must be a whole number",
        "minutes must be from 1 to 1,000,000",
        "minutes must be from 1 to 1,000,000",
    ]
    assert bulk_grants.list_batches(db) == []


def test_a_row_is_given_once_and_undone_once(db: Connection) -> None:
    acme = Story(db)
    _create(db, [GrantRequest(1, acme.workspace_id, 60)])

    given = bulk_grants.apply_row(db, ONE, 1, reason="outage", actor="sam", at=START)
    again = bulk_grants.apply_row(db, ONE, 1, reason="outage", actor="tom", at=START)
    acme.uses(15)
    back = bulk_grants.undo_row(db, ONE, 1, reason="mistake", actor="sam", at=acme.now)
    twice = bulk_grants.undo_row(db, ONE, 1, reason="mistake", actor="sam", at=acme.now)

    assert given is not None
    assert (given.state, again) == ("granted", None)
    assert back is not None
    assert (back.undone_minutes, twice) == (45, None)
    assert ledger.get_balance(db, acme.workspace_id).total_minutes == 0


def test_keeping_the_same_list_again_changes_nothing(db: Connection) -> None:
    acme = Story(db).workspace_id
    _create(db, [GrantRequest(1, acme, 60)])
    _create(db, [GrantRequest(1, acme, 60), GrantRequest(2, "nobody", 1)])

    assert [(row.row_no, row.minutes) for row in bulk_grants.list_rows(db, ONE)] == [(1, 60)]


def test_a_list_that_was_stopped_is_held(db: Connection) -> None:
    _create(db, [GrantRequest(1, Story(db).workspace_id, 60)])
    assert bulk_grants.get_batch(db, ONE).may_run

    bulk_grants.stop_batch(db, ONE, actor="sam")

    assert bulk_grants.batch_header(db, ONE).is_on_hold
    assert not bulk_grants.get_batch(db, ONE).may_run


def test_a_list_nobody_saved_is_unknown(db: Connection) -> None:
    with pytest.raises(UnknownBatch):
        bulk_grants.get_batch(db, ONE)
    with pytest.raises(UnknownBatch):
        bulk_grants.batch_header(db, ONE)
