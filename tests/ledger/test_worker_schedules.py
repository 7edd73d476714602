"""Schedules run once however long they take, at the time they begin, and never by a clock that is wrong."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

import ledger
from ledger.clocks import CLOCK_TOLERANCE, clock_difference
from ledger.database import connect, query
from ledger.schedules import SCHEDULES, Schedule
from ledger.worker import list_schedules, run_schedule, work, work_once
from tests.shop import Shop


def runs(engine):
    with ledger.reading(engine) as db:
        return {run.name: run for run in list_schedules(db)}


def test_a_schedule_that_runs_longer_than_its_interval_runs_in_one_worker_only(shop: Shop):
    begun, end = threading.Event(), threading.Event()
    ran = []

    def slow(_context, at):
        ran.append(at)
        begun.set()
        assert end.wait(timeout=60)

    schedule = Schedule("slow", 60, slow)
    late = shop.now + timedelta(hours=2)
    other = connect(shop.engine.url.render_as_string(hide_password=False))

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(run_schedule, shop.worker_context(), schedule, at=shop.now)
        assert begun.wait(timeout=60)
        second = run_schedule(shop.worker_context(other), schedule, at=late)
        end.set()
        assert (first.result(), second) == (True, False)

    assert run_schedule(shop.worker_context(other), schedule, at=late)
    assert ran == [shop.now, late]
    other.dispose()


def test_a_worker_that_dies_gives_its_schedule_back_at_once(shop: Shop):
    dead = connect(shop.engine.url.render_as_string(hide_password=False))
    session = dead.connect()
    assert session.execute(query("lease_schedule"), {"name": "mine"}).scalar_one()
    schedule = Schedule("mine", 60, lambda *_: None)
    assert not run_schedule(shop.worker_context(), schedule, at=shop.now)

    session.invalidate()  # what the server sees of a process that was killed
    dead.dispose()

    deadline = threading.Event()
    while not (ran := run_schedule(shop.worker_context(), schedule, at=shop.now)) and not deadline.wait(0.05):
        continue
    assert ran


def test_a_short_schedule_does_not_wait_behind_long_ones(shop: Shop):
    stop, short_ran = threading.Event(), threading.Event()

    def waits_for_the_short_one(*_):
        short_ran.wait(timeout=60)

    long_ones = [Schedule(f"long {n}", 3600, waits_for_the_short_one, long=True) for n in range(4)]

    def short(*_):
        short_ran.set()
        stop.set()

    work(
        shop.worker_context(),
        stop,
        schedules=[*long_ones, Schedule("short", 60, short)],
        clock=lambda: shop.now,
    )

    assert short_ran.is_set()


def test_a_schedule_runs_at_the_time_it_begins_and_not_when_it_was_queued(shop: Shop):
    ticks = iter(range(1_000_000))
    stop, seen = threading.Event(), []

    def clock():
        return shop.now + timedelta(seconds=next(ticks))

    def note(_context, at):
        seen.append(at)
        if len(seen) == 4:
            stop.set()

    schedules = [Schedule(f"long {n}", 10**6, note, long=True) for n in range(4)]

    work(shop.worker_context(), stop, schedules=schedules, clock=clock)

    assert len(set(seen)) == 4, "each of them read the clock for itself"


@pytest.mark.parametrize(("ahead", "runs_again"), [(CLOCK_TOLERANCE, False), (timedelta(days=400), True)])
def test_a_schedule_that_claims_to_have_begun_in_the_future_is_due(shop: Shop, ahead, runs_again):
    schedule = Schedule("daily", 24 * 3600, lambda *_: None)
    assert run_schedule(shop.worker_context(), schedule, at=shop.now + ahead)

    assert run_schedule(shop.worker_context(), schedule, at=shop.now) is runs_again


def test_a_clock_that_was_set_back_does_not_stop_the_schedules_of_a_running_worker(shop: Shop):
    times = iter([shop.now + timedelta(days=400)] * 4)
    stop, seen = threading.Event(), []

    def clock():
        return next(times, shop.now)

    def note(_context, at):
        seen.append(at)
        if shop.now in seen:
            stop.set()

    work(
        shop.worker_context(),
        stop,
        schedules=[Schedule("every hour", 3600, note)],
        clock=clock,
    )

    assert shop.now in seen


@pytest.mark.parametrize("wrong", [timedelta(days=400), timedelta(minutes=6), -timedelta(minutes=6)])
def test_monthly_minutes_wait_while_the_two_clocks_differ(shop: Shop, wrong):
    resets = next(schedule for schedule in SCHEDULES if schedule.name == "resets")
    began = datetime.now(UTC) - timedelta(days=70)
    with ledger.writing(shop.engine) as db:
        for name in ("other", "waits"):
            ledger.create_workspace(db, name, name=name, owner_email="o@x.example", actor="t", at=began)
            ledger.update_plan_allocation(db, name, "starter", "monthly", key="k", actor="t", at=began)

    run_schedule(shop.worker_context(), resets, at=datetime.now(UTC) + wrong)
    error = runs(shop.engine)["resets"].error
    with ledger.reading(shop.engine) as db:
        booked = db.execute(text("SELECT count(*) FROM entries WHERE kind = 'reset'")).scalar_one()
        assert abs(clock_difference(db, datetime.now(UTC))) < CLOCK_TOLERANCE
    with ledger.writing(shop.engine) as db:
        db.execute(text("UPDATE schedules SET started_at = '2020-01-01Z'"))
    run_schedule(shop.worker_context(), resets, at=datetime.now(UTC) + timedelta(minutes=4))

    assert booked == 0
    assert error.startswith("clocks_differ")
    assert runs(shop.engine)["resets"].error is None
    with ledger.reading(shop.engine) as db:
        assert db.execute(text("SELECT count(*) FROM entries WHERE kind = 'reset'")).scalar_one() == 4


@pytest.mark.parametrize("wrong", [timedelta(days=400), -timedelta(minutes=6)])
def test_top_ups_wait_while_the_two_clocks_differ(shop: Shop, wrong):
    top_ups = next(schedule for schedule in SCHEDULES if schedule.name == "auto top-ups")

    run_schedule(shop.worker_context(), top_ups, at=datetime.now(UTC) + wrong)
    error = runs(shop.engine)["auto top-ups"].error
    with ledger.writing(shop.engine) as db:
        db.execute(text("UPDATE schedules SET started_at = '2020-01-01Z'"))
    run_schedule(shop.worker_context(), top_ups, at=datetime.now(UTC))

    assert error.startswith("clocks_differ")
    assert runs(shop.engine)["auto top-ups"].error is None


def test_a_schedule_is_given_no_time_ahead_of_the_database(shop: Shop):
    seen = []
    schedules = [Schedule(name, 60, lambda _, at: seen.append(at)) for name in ("ahead", "little", "behind")]
    now = datetime.now(UTC)
    times = (now + timedelta(days=400), now + timedelta(minutes=4), now - timedelta(days=400))

    for schedule, at in zip(schedules, times, strict=True):
        run_schedule(shop.worker_context(), schedule, at=at)

    assert timedelta(0) <= seen[0] - now < CLOCK_TOLERANCE
    assert seen[1:] == list(times[1:])


def test_a_refund_that_a_worker_ahead_of_the_database_reads_books_no_month(shop: Shop):
    shop.now = datetime.now(UTC)
    with ledger.writing(shop.engine) as db:
        ledger.update_plan_allocation(db, "acme", "starter", "monthly", key="k", actor="t", at=shop.now)
    bought = shop.bought("small")
    shop.refunds_at_stripe(bought, 999)

    work_once(shop.worker_context(), at=shop.now + timedelta(days=400), schedules=[])

    assert shop.extra() == 0
    assert shop.rows("SELECT kind FROM entries WHERE kind = 'reset'") == []


def test_a_paid_event_whose_worker_died_shows_as_lag_from_its_receipt_and_is_done_in_seconds(shop: Shop):
    shop.buys("small")
    claimed = shop.now + timedelta(seconds=1)
    with ledger.writing(shop.engine) as db:
        bind = {"at": claimed, "lease_seconds": 30}
        for _ in range(4):  # the new customer, and three of the payment
            assert db.execute(query("claim_event"), bind).one_or_none()

    with ledger.reading(shop.engine) as db:
        lag = db.execute(query("worker_lag"), {"at": shop.now + timedelta(seconds=20)}).scalar_one()
    too_early = work_once(shop.worker_context(), at=claimed + timedelta(seconds=29), schedules=[])
    after = work_once(shop.worker_context(), at=claimed + timedelta(seconds=30), schedules=[])

    assert float(lag) == 20
    assert (too_early, after, shop.extra()) == (0, 4, 60)
