"""Events out: what is one, and what it carries."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy import Engine

import ledger
from ledger.database import reading, writing
from ledger.minutes.uses import book_refusal
from tests.receiver import EventReceiver, add_receiver, opens, receiving, sends, uses


@pytest.fixture
def receiver() -> Iterator[EventReceiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def other() -> Iterator[EventReceiver]:
    with receiving() as receiver:
        yield receiver


def test_each_threshold_and_limit_is_an_event_with_the_balance_and_the_reason(
    engine: Engine, receiver: EventReceiver, now: datetime
) -> None:
    opens(engine, now)
    add_receiver(engine, receiver, now)

    uses(engine, now, 160, 39, 5)
    sends(engine, now)

    assert receiver.types == [
        "usage.threshold",
        "usage.threshold",
        "usage.threshold",
        "usage.limit_hit",
    ]
    first, last = receiver.events[0], receiver.events[-1]
    assert first["data"] == {
        "workspace_id": "acme",
        "entry_no": 2,
        "key": "u0 160",
        "minutes": 160,
        "unmet_minutes": 0,
        "balance": {"plan_minutes": 40, "extra_minutes": 0, "total_minutes": 40, "percent_used": 80.0},
        "threshold": 80,
        "reason": "threshold_reached",
        "at": "2026-03-01T00:00:00Z",
    }
    assert first["timestamp"].endswith("Z")
    assert (last["data"]["reason"], last["data"]["unmet_minutes"]) == ("cut_short", 4)


def test_a_limit_hit_by_a_refusal_differs_from_an_empty_balance(
    engine: Engine, receiver: EventReceiver, now: datetime
) -> None:
    opens(engine, now, "acme", "emptied")
    add_receiver(engine, receiver, now, "usage.limit_hit", "usage.refused")

    with writing(engine) as db:
        book_refusal(db, "acme", 201, key="r1", at=now)
        book_refusal(db, "acme", 202, key="r2", at=now)
    uses(engine, now, 200, workspace_id="emptied")
    sends(engine, now)

    by_workspace = {
        name: [
            (event["type"], event["data"]["reason"], event["data"]["balance"]["total_minutes"])
            for event in receiver.events
            if event["data"]["workspace_id"] == name
        ]
        for name in ("acme", "emptied")
    }
    assert by_workspace == {
        "acme": [
            ("usage.limit_hit", "refused", 200),
            ("usage.refused", "refused", 200),
            ("usage.refused", "refused", 200),
        ],
        "emptied": [("usage.limit_hit", "emptied", 0)],
    }


def test_a_batch_sends_what_single_uses_would(engine: Engine, receiver: EventReceiver, now: datetime) -> None:
    opens(engine, now, "single", "batch")
    with writing(engine) as db:
        for name in ("single", "batch"):
            ledger.grant_minutes(db, name, 10, reason="sorry", key="g", actor="ada", at=now)
    add_receiver(engine, receiver, now)
    minutes = (100, 90, 15, 5, 3)

    uses(engine, now, *minutes, workspace_id="single")
    with writing(engine) as db:
        batch = [
            {"workspace_id": "batch", "minutes": each, "key": f"u{number} {each}", "at": now}
            for number, each in enumerate(minutes)
        ]
        ledger.track_uses(db, batch)
    sends(engine, now)

    def types_at(name: str) -> list[tuple]:
        mine = [event for event in receiver.events if event["data"]["workspace_id"] == name]
        return [(event["type"], event["data"] | {"workspace_id": ""}) for event in mine]

    assert types_at("single") == types_at("batch")
    assert [kind for kind, _ in types_at("single")] == [
        "usage.threshold",
        "usage.threshold",
        "usage.plan_exhausted",
        "usage.threshold",
        "usage.limit_hit",
    ]


def test_credits_and_what_is_taken_back_are_events_and_uses_are_not(
    engine: Engine, receiver: EventReceiver, now: datetime
) -> None:
    add_receiver(engine, receiver, now)
    opens(engine, now)
    with writing(engine) as db:
        lot = ledger.grant_minutes(db, "acme", 30, reason="outage", key="g", actor="sam", at=now)
        ledger.track_minutes(db, "acme", 1, key="u", at=now)
        ledger.void_minutes(db, "acme", lot.lot_id, reason="mistake", key="v", actor="sam", at=now)
        ledger.void_minutes(db, "acme", lot.lot_id, reason="again", key="w", actor="sam", at=now)
    sends(engine, now)

    assert [
        (event["type"], event["data"]["minutes"], event["data"]["reason"], event["data"]["note"])
        for event in receiver.events
    ] == [
        ("minutes.credited", 200, "allocation", None),
        ("minutes.credited", 30, "grant", "outage"),
        ("minutes.taken_back", 30, "void", "mistake"),
    ]
    assert receiver.events[1]["data"]["balance"]["extra_minutes"] == 30


def test_each_endpoint_receives_the_types_it_subscribed_to_from_then_on(
    engine: Engine, receiver: EventReceiver, other: EventReceiver, now: datetime
) -> None:
    add_receiver(engine, receiver, now, "minutes.credited")
    opens(engine, now)
    add_receiver(engine, other, now, "usage.threshold", "minutes.credited")

    uses(engine, now, 170)
    sends(engine, now)

    assert receiver.types == ["minutes.credited"]
    assert other.types == ["usage.threshold"]


def test_nothing_is_stored_without_an_endpoint(engine: Engine, now: datetime) -> None:
    opens(engine, now)
    uses(engine, now, 200)

    with reading(engine) as db:
        assert db.exec_driver_sql("SELECT count(*) FROM outgoing_events").scalar_one() == 0


def test_an_event_whose_cause_is_rolled_back_never_was(
    engine: Engine, receiver: EventReceiver, now: datetime
) -> None:
    opens(engine, now)
    add_receiver(engine, receiver, now)

    with pytest.raises(RuntimeError), writing(engine) as db:
        ledger.grant_minutes(db, "acme", 30, reason="outage", key="g", actor="sam", at=now)
        raise RuntimeError
    sends(engine, now)

    assert receiver.received == []
