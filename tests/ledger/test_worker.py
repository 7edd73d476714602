"""The worker: events and schedules, in any number of processes, through failures."""

import threading
from datetime import timedelta

import ledger
from ledger.schedules import SCHEDULES, Schedule, book_due_periods
from ledger.worker import list_schedules, open_gateways, run_schedule, work, work_once
from tests.shop import SETTINGS, Shop


def runs(shop: Shop):
    with ledger.reading(shop.engine) as db:
        return {run.name: run for run in list_schedules(db)}


def test_one_pass_does_events_and_every_schedule_that_is_due(shop: Shop):
    shop.buys("small")
    mine = [schedule for schedule in SCHEDULES if "reconcile" in schedule.name or schedule.name == "refunds"]

    taken = work_once(shop.worker_context(), at=shop.now, schedules=mine)

    assert (taken, shop.extra()) == (4, 60)
    assert {name for name, run in runs(shop).items() if run.succeeded_at} == {each.name for each in mine}


def test_a_schedule_runs_when_it_is_due_and_in_one_worker_only(shop: Shop):
    ran = []
    schedule = Schedule("every minute", 60, lambda _context, at: ran.append(at))
    times = [shop.now, shop.now, shop.now + timedelta(seconds=59), shop.now + timedelta(seconds=60)]

    did = [run_schedule(shop.worker_context(), schedule, at=at) for at in times]

    assert did == [True, False, False, True]
    assert ran == [times[0], times[3]]


def test_a_schedule_that_fails_is_noted_and_stops_no_other(shop: Shop):
    ran = []

    def fails(_context, _at):
        raise RuntimeError("a secret detail")

    schedules = [Schedule("fails", 60, fails), Schedule("works", 60, lambda *_: ran.append(1))]

    work_once(shop.worker_context(), at=shop.now, schedules=schedules)

    assert ran == [1]
    assert (runs(shop)["fails"].error, runs(shop)["fails"].succeeded_at) == ("RuntimeError", None)


def test_the_worker_works_until_it_is_stopped(shop: Shop):
    shop.buys("small")
    stop = threading.Event()
    schedule = Schedule("stop", 1, lambda *_: stop.set())

    work(shop.worker_context(), stop, schedules=[schedule], clock=lambda: shop.now)

    assert shop.extra() == 60


def test_overdue_periods_are_booked_for_more_workspaces_than_one_batch(shop: Shop):
    with ledger.writing(shop.engine) as db:
        for number in range(60):
            name = shop_id(number)
            about = {"name": name, "owner_email": "owner@example.com", "actor": "test", "at": shop.now}
            ledger.create_workspace(db, name, **about)
            ledger.update_plan_allocation(db, name, "starter", "monthly", key="k", actor="test", at=shop.now)
    resets = Schedule("resets", 60, book_due_periods)

    run_schedule(shop.worker_context(), resets, at=shop.now + timedelta(days=40))

    counted = shop.rows("SELECT count(*) AS n FROM entries WHERE kind = 'reset'")
    assert counted == [{"n": 60}]


def shop_id(number):
    return f"w{number:03}"


def test_the_gateways_are_that_of_the_mode_and_the_sandbox(engine):
    gateways = open_gateways(engine, SETTINGS)

    assert set(gateways) == {"sandbox"}
    gateways["sandbox"].close()


def test_schedules_have_names_of_their_own():
    assert len({schedule.name for schedule in SCHEDULES}) == len(SCHEDULES)


def test_a_long_schedule_does_not_keep_events_waiting(shop: Shop):
    credited, stop = threading.Event(), threading.Event()

    def waits_for_the_event(*_):
        credited.wait(timeout=120)
        stop.set()

    def sees_the_event(context, _at):
        while not stop.is_set() and not credited.is_set():
            with ledger.reading(context.engine) as db:
                if ledger.get_balance(db, "acme").extra_minutes:
                    credited.set()

    schedules = [Schedule("long", 3600, waits_for_the_event), Schedule("looks", 3600, sees_the_event)]
    shop.buys("small")

    work(shop.worker_context(), stop, schedules=schedules, clock=lambda: shop.now)

    assert credited.is_set()
