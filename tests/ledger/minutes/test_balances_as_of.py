"""Balances as of any time of either clock: what they count, that they add up, and what they cost."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, text

import ledger
from tests.depth import rounds
from tests.stories import Story


def test_an_earlier_balance_knows_nothing_of_later_uses_and_credits(db: Connection) -> None:
    acme = Story(db)
    acme.gets(1000)
    acme.later(minutes=1).uses(100)
    then = acme.now
    acme.later(hours=1).uses(100)
    acme.later(hours=1).gets(1000)

    balance = ledger.get_balance(db, acme.workspace_id, at=then)

    assert (balance.total_minutes, balance.minutes_used) == (900, 100)
    assert [lot.remaining for lot in balance.lots] == [900]


def test_a_late_use_counts_in_the_balance_of_its_day_but_not_in_what_was_booked_then(db: Connection) -> None:
    acme = Story(db)
    acme.gets(100)
    day = acme.now + timedelta(days=1)
    acme.later(days=3).uses(10)
    booked_at = ledger.list_entries(db, acme.workspace_id)[0].recorded_at

    acme.uses(7, at=day)

    assert ledger.get_balance(db, acme.workspace_id, at=day).total_minutes == 93
    assert ledger.get_balance(db, acme.workspace_id, booked_at=booked_at).total_minutes == 90
    assert ledger.get_balance(db, acme.workspace_id, at=day, booked_at=booked_at).total_minutes == 100
    assert ledger.get_balance(db, acme.workspace_id).total_minutes == 83


def test_a_late_use_that_drew_on_a_later_credit_was_unmet_then_and_drawn_later(
    db: Connection,
) -> None:
    acme = Story(db)
    day = acme.now
    acme.later(days=2).gets(50)

    acme.uses(20, at=day)

    then = ledger.get_balance(db, acme.workspace_id, at=day)
    assert (then.total_minutes, then.drawn_later, then.lots) == (0, 20, ())
    assert acme.balance == (0, 30)
    assert ledger.get_balance(db, acme.workspace_id).drawn_later == 0


def test_a_plan_that_is_booked_late_counts_in_the_gauge_the_allocation_and_the_reset_date_of_its_time(
    db: Connection,
) -> None:
    acme = Story(db)
    acme.plan("starter", "annual")
    start = acme.now
    acme.later(days=20).gets(1)
    now = acme.now
    acme.now = start + timedelta(days=10)
    acme.plan("starter", "monthly")

    before, then, later = (
        ledger.get_balance(db, acme.workspace_id, at=at)
        for at in (start + timedelta(days=9), start + timedelta(days=15), now + timedelta(days=20))
    )

    assert (before.total_minutes, before.percent_used, before.minutes_total) == (2400, 0.0, 2400)
    assert (then.total_minutes, then.percent_used, then.minutes_total) == (2600, 0.0, 200)
    assert then.minutes_reset_date is not None
    assert later.total_minutes == 2400 + 200 + 200 + 1


def test_a_use_that_a_python_caller_dates_before_the_creation_adds_up_at_every_time(db: Connection) -> None:
    acme = Story(db)
    created = acme.now
    acme.gets(50)

    acme.uses(20, at=created - timedelta(days=3))

    for days, expected in ((-4, (0, 0)), (-3, (0, 20)), (-1, (0, 20)), (0, (30, 0)), (9, (30, 0))):
        then = ledger.get_balance(db, acme.workspace_id, at=created + timedelta(days=days))
        assert (then.total_minutes, then.drawn_later) == expected
        assert sum(lot.remaining for lot in then.lots) == then.total_minutes
    assert acme.balance == (0, 30)


@settings(max_examples=rounds(40, deep=200))
@given(
    moves=st.lists(st.tuples(st.integers(-30, 30).filter(bool), st.integers(0, 20)), min_size=1, max_size=25),
    day=st.integers(-1, 21),
    booked=st.integers(0, 25),
)
def test_a_balance_as_of_any_time_is_the_sum_of_everything_up_to_then_and_of_its_lots(
    shared_engine: Engine, moves: list[tuple[int, int]], day: int, booked: int
) -> None:
    with shared_engine.connect() as db, db.begin() as transaction:
        acme = Story(db)
        start = acme.now
        for minutes, days in moves:
            acme.now = start + timedelta(days=days)
            if minutes > 0:
                acme.gets(minutes)
            else:
                acme.uses(-minutes)
        then = start + timedelta(days=day)

        balance = ledger.get_balance(db, acme.workspace_id, at=then)

        entries = ledger.list_entries(db, acme.workspace_id)
        expected = sum(e.plan_delta + e.extra_delta for e in entries if e.at <= then)
        recorded_at = entries[min(booked, len(entries) - 1)].recorded_at
        others = [
            ledger.get_balance(db, acme.workspace_id, booked_at=recorded_at),
            ledger.get_balance(db, acme.workspace_id, at=then, booked_at=recorded_at),
        ]
        transaction.rollback()
    assert balance.total_minutes - balance.drawn_later == expected
    assert balance.drawn_later >= 0
    for each in (balance, *others):
        assert sum(lot.remaining for lot in each.lots) == each.total_minutes
        assert all(0 <= lot.remaining <= lot.minutes for lot in each.lots)
        assert each.percent_used is None or 0 <= each.percent_used <= 100


def test_a_balance_after_each_entry_is_what_the_statement_says(db: Connection) -> None:
    acme = Story(db)
    acme.plan("starter")
    acme.buys("small")
    acme.uses(230)
    acme.gets(5, "grant")
    acme.voids("grant", 2)

    for entry in ledger.list_entries(db, acme.workspace_id):
        balance = ledger.get_balance(db, acme.workspace_id, booked_at=entry.recorded_at)
        assert (balance.plan_minutes, balance.extra_minutes) == (entry.plan_minutes, entry.extra_minutes)
        assert sum(lot.remaining for lot in balance.lots) == balance.total_minutes


def test_as_of_reads_no_more_when_history_grows(db: Connection) -> None:
    acme = Story(db)
    acme.gets(100_000)
    start = acme.now
    uses = [
        {"workspace_id": acme.workspace_id, "key": f"u{n}", "at": start + timedelta(minutes=n)}
        for n in range(1, 4097)
    ]
    ledger.track_uses(db, uses)

    plan = db.execute(
        text(
            "EXPLAIN (ANALYZE, FORMAT TEXT, BUFFERS, TIMING OFF, SUMMARY OFF) SELECT entry_as_of(:w, 'business', :at)"
        ),
        {"w": acme.workspace_id, "at": start + timedelta(minutes=77)},
    ).scalars()

    (buffers,) = [line for line in plan if "Buffers: shared hit=" in line][:1]
    assert int(buffers.split("hit=")[1].split()[0]) < 12 * 8
    assert ledger.get_balance(db, acme.workspace_id, at=start + timedelta(minutes=77)).minutes_used == 77
