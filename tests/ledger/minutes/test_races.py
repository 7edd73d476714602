"""Writers that meet: real connections in parallel, and the ledger stays exact."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from time import sleep
from typing import Any

import pytest
from sqlalchemy import Engine, text

import ledger
from ledger.minutes.credits import credit_purchase, take_back
from ledger.minutes.uses import track_full_or_refuse
from tests.stories import START, Story


def at_once(engine: Engine, *works: Callable[[Any], Any]) -> list[Any]:
    """Run each work in a transaction and a thread of its own, started together; an error is a result too."""
    barrier = Barrier(len(works))

    def run(work: Callable[[Any], Any]) -> Any:
        try:
            with ledger.writing(engine) as db:
                db.exec_driver_sql("SELECT 1")
                barrier.wait()
                return work(db)
        except ledger.LedgerError as error:
            return error

    with ThreadPoolExecutor(len(works)) as threads:
        return list(threads.map(run, works))


@pytest.fixture
def acme(engine: Engine) -> str:
    """A workspace that every connection sees."""
    with ledger.writing(engine) as db:
        Story(db, workspace_id="acme")
    return "acme"


def grant(engine: Engine, minutes: int) -> None:
    """Grant minutes to acme."""
    with ledger.writing(engine) as db:
        ledger.grant_minutes(
            db, "acme", minutes, reason="test", key=f"grant-{minutes}", actor="ada", at=START
        )


def sound(engine: Engine) -> bool:
    """The ledger is proven."""
    with ledger.reading(engine) as db:
        return ledger.verify(db) == []


def test_two_minutes_at_once_never_both_take_the_last_one(engine: Engine, acme: str) -> None:
    for round_ in range(10):
        grant(engine, 1 + round_)
        with ledger.writing(engine) as db:
            ledger.track_minutes(db, acme, 1 + round_ - 1, key=f"most-{round_}", at=START) if round_ else None

        def use(name: str, key: str = f"last-{round_}") -> Callable[[Any], ledger.Use]:
            return lambda db: ledger.track_minutes(db, acme, 1, key=f"{key}-{name}", at=START)

        uses = at_once(engine, use("a"), use("b"))

        assert sorted(use.from_extra for use in uses) == [0, 1]
    assert sound(engine)


@pytest.mark.parametrize("waits", [["Timeout", "Lock"], ["Lock"]], ids=["a moment", "long"])
def test_a_use_of_a_busy_workspace_comes_after_its_writer_however_long_that_takes(
    engine: Engine, acme: str, waits: list[str]
) -> None:
    _, use = use_of_busy(engine, acme, "call", waits)

    assert use.extra_minutes == 2
    assert sound(engine)


def test_a_use_of_a_busy_workspace_looks_again_before_it_queues(engine: Engine, acme: str) -> None:
    # Several, because a look is short: on a busy machine one may be over before anybody sees it.
    seen = {use_of_busy(engine, acme, f"call-{n}", ["Timeout", "Lock"])[0] for n in range(20)}

    assert "Timeout" in seen


def use_of_busy(engine: Engine, workspace_id: str, key: str, waits: list[str]) -> tuple[str, ledger.Use]:
    """Use 3 minutes while another connection grants 5, and holds on until the use waits; how it waited, its answer."""

    def use() -> ledger.Use:
        with ledger.writing(engine) as db:
            return ledger.track_minutes(db, workspace_id, 3, key=key, at=START)

    with ThreadPoolExecutor(1) as thread:
        with ledger.writing(engine) as db:
            ledger.grant_minutes(db, workspace_id, 5, reason="test", key=key, actor="ada", at=START)
            answer = thread.submit(use)
            waited = until_one_waits(engine, waits)
        return waited, answer.result()


def until_one_waits(engine: Engine, kinds: list[str]) -> str:
    """Return how, once a connection to this database waits for a time to pass (Timeout) or in the queue for a row (Lock)."""
    waiting = text(
        "SELECT min(wait_event_type) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = ANY(:kinds)"
    )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.exec_driver_sql("RESET ROLE")  # the application's own role sees no other session
        try:
            while not (kind := db.execute(waiting, {"kinds": kinds}).scalar_one()):
                sleep(0.002)
            return str(kind)
        finally:
            db.exec_driver_sql("SET ROLE ledger_app")


def test_all_or_nothing_uses_at_once_share_what_is_there_exactly(engine: Engine, acme: str) -> None:
    grant(engine, 25)

    uses = at_once(
        engine,
        *[
            lambda db, n=n: ledger.track_minutes(db, acme, 10, key=f"u{n}", at=START, require_full=True)
            for n in range(6)
        ],
    )

    assert sum(isinstance(use, ledger.Use) for use in uses) == 2
    assert sum(isinstance(use, ledger.InsufficientMinutes) for use in uses) == 4
    assert sound(engine)


def test_equal_writes_at_once_have_one_effect_and_one_answer(engine: Engine, acme: str) -> None:
    def grant(db: Any) -> ledger.Lot:
        return ledger.grant_minutes(db, acme, 60, reason="sorry", key="k", actor="ada", at=START)

    def use(db: Any) -> ledger.Use:
        return ledger.track_minutes(db, acme, 5, key="k", at=START)

    def plan(db: Any) -> ledger.Balance:
        return ledger.update_plan_allocation(db, acme, "starter", "monthly", key="k", actor="ada", at=START)

    grants = at_once(engine, *[grant] * 5)
    plans = at_once(engine, *[plan] * 5)
    uses = at_once(engine, *[use] * 5)

    assert len(set(grants)) == 1
    assert len({answer.entry_no for answer in plans}) == 1
    assert [use.repeated for use in uses].count(False) == 1
    with ledger.reading(engine) as db:
        assert ledger.get_balance(db, acme).total_minutes == 255
    assert sound(engine)


@pytest.mark.parametrize(("bought", "left"), [(120, 0), (150, 30)])
def test_five_refunds_of_one_payment_at_once_take_back_once(engine: Engine, bought: int, left: int) -> None:
    with ledger.writing(engine) as db:
        story = Story(db, workspace_id="globex")
        lot = credit_purchase(
            db, "globex", bought, purchase_id=story.purchase(), key="pi_1", actor="stripe", at=START
        )

    taken = at_once(
        engine,
        *[
            lambda db: take_back(
                db,
                "globex",
                lot.lot_id,
                120,
                kind="refund",
                key="re_1",
                actor="stripe",
                at=START,
                reason="refunded",
            )
        ]
        * 5,
    )

    assert taken == [120] * 5
    with ledger.reading(engine) as db:
        assert ledger.get_balance(db, "globex").total_minutes == left
        assert [entry.kind for entry in ledger.list_entries(db, "globex")] == ["refund", "purchase"]


def test_a_reset_at_once_from_everywhere_is_one_lot(engine: Engine, acme: str) -> None:
    with ledger.writing(engine) as db:
        ledger.update_plan_allocation(db, acme, "starter", "monthly", key="p", actor="ada", at=START)
    later = START + timedelta(days=40)

    at_once(
        engine,
        lambda db: ledger.reset_monthly_minutes(db, acme, key="a", at=later),
        lambda db: ledger.reset_monthly_minutes(db, acme, key="b", at=later),
        lambda db: ledger.track_minutes(db, acme, 1, key="c", at=later),
        lambda db: ledger.track_uses(db, [{"workspace_id": acme, "key": "d", "at": later}]),
    )

    with ledger.reading(engine) as db:
        assert [lot.minutes for lot in ledger.list_lots(db, acme)] == [200, 200]
        assert ledger.get_balance(db, acme).total_minutes == 398
    assert sound(engine)


def test_batches_and_single_uses_of_many_workspaces_in_any_order_never_deadlock(engine: Engine) -> None:
    names = [f"w{n}" for n in range(12)]
    with ledger.writing(engine) as db:
        for name in names:
            Story(db, workspace_id=name).gets(200)

    def batch(order: int, part: int) -> Callable[[Any], list[Any]]:
        uses = [
            {"workspace_id": name, "key": f"{part}-{n}", "at": START, "minutes": 3}
            for n in range(5)
            for name in names[::order]
        ]
        return lambda db: ledger.track_uses(db, uses)

    for part in range(8):
        results = at_once(
            engine,
            batch(1, part),
            batch(-1, part),
            batch(1, 100 + part),
            lambda db, part=part: ledger.track_minutes(db, "w3", 2, key=f"single-{part}", at=START),
        )
        assert not [result for result in results if isinstance(result, Exception)]

    with ledger.reading(engine) as db:
        used = {name: ledger.get_balance(db, name).minutes_used for name in names}
    assert used == dict.fromkeys(names, 200)
    assert sound(engine)


@pytest.mark.parametrize(("arrives", "unmet", "left"), [(60, 0, 50), (9, 20, 19)])
def test_minutes_that_arrive_before_a_refusal_is_booked_are_used_and_too_few_are_refused(
    engine: Engine, arrives: int, unmet: int, left: int
) -> None:
    at = START
    with ledger.writing(engine) as db:
        for name in ("acme", "other"):
            ledger.create_workspace(db, name, name=name, owner_email="o@x.example", actor="t", at=at)
            ledger.grant_minutes(db, name, 10, reason="r", key="first", actor="t", at=at)

    def all_or_refusal() -> ledger.Use:
        with ledger.writing(engine) as db:
            return track_full_or_refuse(db, "acme", 20, key="u", at=at)

    with ThreadPoolExecutor(1) as threads:
        with ledger.writing(engine) as db:
            ledger.grant_minutes(db, "acme", arrives, reason="r", key="second", actor="t", at=at)
            booking = threads.submit(all_or_refusal)
            waits_for_a_lock(engine)
        booked = booking.result(timeout=30)

    repeated = all_or_refusal()
    assert (booked.unmet_minutes, booked.total_minutes, booked.repeated) == (unmet, left, False)
    assert (repeated.unmet_minutes, repeated.total_minutes, repeated.repeated) == (unmet, left, True)
    with ledger.reading(engine) as db:
        hits = (
            db.execute(text("SELECT workspace_id FROM usage_alerts WHERE kind = 'limit_hit'")).scalars().all()
        )
        assert hits == (["acme"] if unmet else [])
        assert ledger.verify(db) == []


def waits_for_a_lock(engine: Engine) -> None:
    """Wait until a connection of this database waits for a lock."""
    waiting = "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE NOT l.granted AND a.datname = current_database()"
    for _ in range(2_000):
        with ledger.reading(engine) as db:
            if db.execute(text(waiting)).scalar_one():
                return
        sleep(0.005)
    raise AssertionError("nobody waits")
