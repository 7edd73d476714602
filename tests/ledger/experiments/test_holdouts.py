"""Hold-outs: an arm that never changes, one at a time in each source, an end that is written once."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from psycopg import errors
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

import ledger
from ledger.database import query
from ledger.errors import HoldOutConflict, InvalidHoldOut, InvalidText, UnknownHoldOut
from ledger.experiments.holdouts import (
    each_arm,
    end_hold_out,
    get_hold_out,
    list_arms,
    list_hold_outs,
    running_arms,
    start_hold_out,
)
from ledger.payments.catalogue import list_packages, start_price_test
from ledger.payments.purchases import place_purchase

HOLD_OUT = {
    "source": "live",
    "share_percent": 30,
    "hits_needed": 100,
    "reason": "is it worth it?",
    "actor": "t",
}
ARMS = "SELECT hold_out_arm('w' || n, :name, :share) FROM generate_series(1, :n) n ORDER BY n"


def start(db, name="spring", *, at, **arguments):
    return start_hold_out(db, name, starts_at=at, **HOLD_OUT | arguments)


def sign_up(db, *ids, at, source="live"):
    for each in ids:
        ledger.create_workspace(
            db, each, name=each, owner_email="o@example.com", actor="t", at=at, source=source
        )


def arms(db, name, share, n=4000):
    return db.execute(text(ARMS), {"name": name, "share": share, "n": n}).scalars().all()


@pytest.mark.parametrize("share", [10, 30, 50])
def test_the_share_in_control_is_the_requested_one(db: Connection, share: int) -> None:
    control_count = arms(db, "spring", share).count("control") / 4000

    assert control_count == pytest.approx(share / 100, abs=0.03)


def test_arms_of_two_hold_outs_and_of_a_price_test_with_the_same_name_are_independent(db: Connection) -> None:
    one, two = arms(db, "spring", 50), arms(db, "autumn", 50)
    prices = db.execute(
        text(
            "SELECT price_test_arm('w' || n, 'spring', ARRAY['control', 'treatment']) FROM generate_series(1, 4000) n ORDER BY n"
        )
    ).scalars()

    for other in (two, list(prices)):
        both = sum(a == b == "control" for a, b in zip(one, other, strict=True)) / 4000
        assert both == pytest.approx(0.25, abs=0.03)


def test_an_arm_is_the_same_for_ever(db: Connection) -> None:
    """Worked out apart from the product: another hash would move workspaces of hold-outs that run."""
    controls = {
        name: [n for n, arm in enumerate(arms(db, name, 30, 12), start=1) if arm == "control"]
        for name in ("spring", "autumn")
    }

    assert controls == {"spring": [1, 6, 7, 10, 11], "autumn": [3, 4, 6, 7, 12]}


def test_a_workspace_hears_its_arm_while_the_hold_out_runs(db, now) -> None:
    sign_up(db, "acme", "twin", at=now)
    sign_up(db, "tester", at=now, source="sandbox")
    start(db, at=now, share_percent=50)
    ending = now + timedelta(days=9)
    end_hold_out(db, "spring", at=ending)

    output = {
        when: [(arm.kind, arm.name, arm.ends_at) for arm in running_arms(db, "acme", at=when)]
        for when in (now - timedelta(days=1), now, ending)
    }

    assert list(output.values()) == [[], [("hold_out", "spring", ending)], []]
    assert running_arms(db, "tester", at=now) == []
    assert running_arms(db, "nobody", at=now) == []


def test_price_tests_and_hold_outs_are_listed_together(db, now) -> None:
    sign_up(db, "acme", at=now)
    start_price_test(
        db, "prices", ("standard", "low"), starts_at=now - timedelta(days=1), ends_at=None, actor="t"
    )
    start(db, at=now)

    assert [(arm.kind, arm.name) for arm in running_arms(db, "acme", at=now)] == [
        ("price_test", "prices"),
        ("hold_out", "spring"),
    ]


def test_all_arms_are_read_in_pages_of_the_source_alone(db, now) -> None:
    ids = sorted(f"w{n}" for n in range(25))
    sign_up(db, *ids, at=now)
    sign_up(db, "w00", at=now, source="sandbox")
    hold_out = start(db, at=now, share_percent=50)

    first = list_arms(db, hold_out, limit=10)
    second = list_arms(db, hold_out, after=first[-1][0], limit=100)

    assert [each for each, _ in first + second] == ids
    assert {arm for _, arm in first + second} == {"control", "treatment"}
    assert [tuple(row.values()) for row in each_arm(db, hold_out)] == first + second
    assert all(running_arms(db, each, at=now)[0].arm == arm for each, arm in first)


@pytest.fixture
def untouched(engine: Engine) -> Iterator[Connection]:
    """A connection to a database of its own: rows that other tests rolled back would be read as dead entries."""
    with engine.connect() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()


def test_a_page_of_arms_costs_the_same_at_every_depth(untouched, now) -> None:
    db = untouched
    db.execute(
        text(
            "INSERT INTO workspaces (workspace_id, name, owner_email, source, created_by, created_at) "
            "SELECT 'w' || lpad(n::text, 6, '0'), 'W', 'o@example.com', 'live', 't', :at FROM generate_series(1, 20000) n"
        ),
        {"at": now},
    )
    db.execute(text("RESET ROLE"))  # only the owner's ANALYZE is not skipped
    db.execute(text("ANALYZE workspaces"))
    db.execute(text("SET ROLE ledger_app"))
    page = text("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + str(query("hold_out_arms")))

    def buffers(source: str, after: str) -> int:
        values = {"name": "spring", "share_percent": 30, "source": source, "after": after, "limit": 100}
        (plan,) = db.execute(page, values).scalar_one()
        return plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]

    assert max(buffers("live", ""), buffers("live", "w019000"), buffers("sandbox", "")) < 120


def test_one_hold_out_at_a_time_in_each_source(db, now) -> None:
    start(db, at=now)

    with pytest.raises(HoldOutConflict, match="spring covers this moment"):
        start(db, "summer", at=now + timedelta(days=1))
    start(db, "of-the-sandbox", at=now, source="sandbox")
    end_hold_out(db, "spring", at=now + timedelta(days=9))
    with pytest.raises(HoldOutConflict):
        start(db, "summer", at=now + timedelta(days=8))
    start(db, "summer", at=now + timedelta(days=9))

    assert [each.name for each in list_hold_outs(db, "live")] == ["summer", "spring"]
    assert len(list_hold_outs(db)) == 3


def test_two_who_start_in_the_same_moment_start_one(engine: Engine, now) -> None:
    with engine.connect() as one, engine.connect() as two, one.begin():
        two.execute(text("SET lock_timeout = '200ms'"))
        start(one, at=now)

        with pytest.raises(DBAPIError) as waiting:
            start(two, "summer", at=now)
    assert isinstance(waiting.value.orig, errors.LockNotAvailable)

    with ledger.writing(engine) as db, pytest.raises(HoldOutConflict):
        start(db, "summer", at=now)


def test_a_name_is_used_once(db, now) -> None:
    start(db, at=now)
    end_hold_out(db, "spring", at=now + timedelta(days=1))

    with pytest.raises(InvalidHoldOut, match="spring was already used"):
        start(db, at=now + timedelta(days=2))


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        ({"name": "No!"}, InvalidHoldOut),
        ({"name": "x" * 65}, InvalidHoldOut),
        ({"share_percent": 9}, InvalidHoldOut),
        ({"share_percent": 51}, InvalidHoldOut),
        ({"hits_needed": 0}, InvalidHoldOut),
        ({"source": "elsewhere"}, InvalidHoldOut),
        ({"reason": "  "}, InvalidText),
    ],
)
def test_what_cannot_be_a_hold_out_is_refused_and_leaves_the_transaction_usable(
    db, now, arguments, refusal
) -> None:
    with pytest.raises(refusal):
        start(db, **{"at": now, **arguments})

    assert list_hold_outs(db) == []


def test_a_hold_out_is_ended_once(db, now) -> None:
    start(db, at=now)
    with pytest.raises(HoldOutConflict, match="has not started"):
        end_hold_out(db, "spring", at=now)
    ended = end_hold_out(db, "spring", at=now + timedelta(days=7))

    with pytest.raises(HoldOutConflict, match="has already ended"):
        end_hold_out(db, "spring", at=now + timedelta(days=8))
    with pytest.raises(UnknownHoldOut):
        end_hold_out(db, "autumn", at=now)

    assert get_hold_out(db, "spring") == ended


@pytest.mark.parametrize(
    "change", ["share_percent = 40", "starts_at = now()", "source = 'demo'", "hold_out = 'x'"]
)
def test_nothing_but_the_end_can_be_changed(db, now, change) -> None:
    start(db, at=now)

    with pytest.raises(DBAPIError) as refused, db.begin_nested():
        db.execute(text(f"UPDATE hold_outs SET {change}"))

    assert isinstance(refused.value.orig, errors.InsufficientPrivilege)


def test_an_end_can_be_neither_moved_nor_taken_back_nor_the_hold_out_deleted(db, now) -> None:
    start(db, at=now)
    ended = end_hold_out(db, "spring", at=now + timedelta(days=7))

    moved = db.execute(text("UPDATE hold_outs SET ends_at = now() + interval '1 year'"))
    with pytest.raises(DBAPIError) as refused, db.begin_nested():
        db.execute(text("DELETE FROM hold_outs"))

    assert moved.rowcount == 0
    assert isinstance(refused.value.orig, errors.InsufficientPrivilege)
    assert get_hold_out(db, "spring") == ended


def test_who_is_held_may_still_buy_at_the_normal_offer(db, now) -> None:
    ids = [f"w{n}" for n in range(20)]
    sign_up(db, *ids, at=now)
    hold_out = start(db, at=now, share_percent=50)
    control_id = next(each for each, arm in list_arms(db, hold_out) if arm == "control")

    bought = place_purchase(db, control_id, "small", mode="live", key="k", actor="support", at=now)

    assert bought.amount_cents == list_packages(db, at=now)[0].amount_cents
