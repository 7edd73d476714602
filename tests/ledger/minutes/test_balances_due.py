"""Readers answer with the monthly minutes that are due before anybody has booked them, and book nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

import ledger
from tests.stories import START, Story

RESET = datetime(2026, 2, 28, 10, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)


def used_up(db: Connection, began: datetime = START) -> Story:
    """A workspace of `began` that has used all of its first month."""
    acme = Story(db, now=began)
    acme.plan("starter")
    acme.uses(200)
    return acme


def counters(db: Connection, workspace_id: str) -> tuple[Any, ...]:
    """Return how many entries and lots a workspace has."""
    return tuple(
        db.execute(
            text(
                "SELECT entry_no, lot_count, minutes_remaining FROM workspace_minutes WHERE workspace_id = :w"
            ),
            {"w": workspace_id},
        ).one()
    )


@pytest.mark.parametrize(
    ("at", "minutes"), [(RESET - INSTANT, 0), (RESET, 200), (RESET + timedelta(days=40), 400)]
)
def test_every_reader_counts_what_is_due_and_nothing_before(
    db: Connection, at: datetime, minutes: int
) -> None:
    acme, other = used_up(db), used_up(db)
    before = counters(db, acme.workspace_id)

    now = ledger.get_balance(db, acme.workspace_id, due_by=at)
    as_of = ledger.get_balance(db, acme.workspace_id, at=at)
    limit = ledger.check_usage_limit(db, acme.workspace_id, 200, at=at)

    assert (now.total_minutes, as_of.total_minutes, limit.total_minutes) == (minutes,) * 3
    assert (limit.allowed, limit.warning) == ((False, 100) if minutes == 0 else (True, None))
    assert sum(lot.remaining for lot in now.lots) == minutes
    assert (counters(db, acme.workspace_id), other.balance) == (before, (0, 0))


def test_what_is_read_before_a_booking_is_what_is_read_after_it(db: Connection) -> None:
    acme = used_up(db)
    acme.buys("small")
    at = RESET + timedelta(days=40)
    before = [
        ledger.get_balance(db, acme.workspace_id, due_by=at),
        ledger.get_balance(db, acme.workspace_id, at=at),
    ]
    limit = ledger.check_usage_limit(db, acme.workspace_id, at=at)

    ledger.reset_monthly_minutes(db, acme.workspace_id, key="r", at=at)

    after = ledger.get_balance(db, acme.workspace_id)
    for read in before:
        assert (read.lots, read.total_minutes, read.minutes_total) == (after.lots, 460, 200)
        assert (read.percent_used, read.gauge_base, read.epoch) == (0.0, after.gauge_base, after.epoch)
        assert read.minutes_reset_date == after.minutes_reset_date
    assert limit == ledger.check_usage_limit(db, acme.workspace_id, at=at)


def test_a_time_before_the_reset_reads_as_before_when_a_period_has_been_due_since(db: Connection) -> None:
    acme = used_up(db)

    assert ledger.get_balance(db, acme.workspace_id, at=START).total_minutes == 0
    assert (
        ledger.get_balance(db, acme.workspace_id, booked_at=datetime(2199, 1, 1, tzinfo=UTC)).total_minutes
        == 0
    )


def test_nothing_is_due_without_a_plan_or_with_an_annual_one(db: Connection) -> None:
    acme, annual = used_up(db), Story(db)
    annual.plan("starter", "annual")
    ledger.cancel_plan(db, acme.workspace_id, key="c", actor="ada", at=acme.now)
    at = RESET + timedelta(days=400)

    assert ledger.get_balance(db, acme.workspace_id, due_by=at).total_minutes == 0
    assert ledger.get_balance(db, annual.workspace_id, due_by=at).total_minutes == 2400
    assert not ledger.check_usage_limit(db, acme.workspace_id, at=at).allowed


@pytest.mark.parametrize("call", ["check_usage_limit(:w, 200)", "usage_limit_at(:w, 200, clock_timestamp())"])
def test_without_a_time_the_limit_is_that_of_the_clock_of_the_database(db: Connection, call: str) -> None:
    today: datetime = db.execute(text("SELECT clock_timestamp()")).scalar_one()
    due, not_due = used_up(db, today - timedelta(days=40)), used_up(db, today - timedelta(days=20))

    allowed = [
        db.execute(text(f"SELECT allowed, total_minutes FROM {call}"), {"w": each.workspace_id}).one()
        for each in (due, not_due)
    ]

    assert [tuple(each) for each in allowed] == [(True, 200), (False, 0)]
    assert ledger.check_usage_limit(db, due.workspace_id, 200).allowed
    assert not ledger.check_usage_limit(db, not_due.workspace_id).allowed


def test_a_read_takes_as_many_statements_however_long_the_history(db: Connection) -> None:
    short, long = used_up(db), Story(db)
    long.plan("starter")
    for _ in range(50):
        long.uses(1)
    sent: list[str] = []

    def note(_db: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(db, "before_cursor_execute", note)
    for each in (short, long):
        ledger.get_balance(db, each.workspace_id, due_by=RESET)
    event.remove(db, "before_cursor_execute", note)

    assert len(sent) == 6
    assert sent[:3] == sent[3:]
