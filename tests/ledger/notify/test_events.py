"""Events out: what is sent when, to whom, in which order, and what the log says."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine
from standardwebhooks import Webhook

import ledger
from ledger.database import reading, writing
from ledger.minutes.uses import book_refusal
from ledger.notify import events
from ledger.notify.events import send_events
from ledger.notify.webhook_endpoints import (
    EVENT_TYPES,
    WebhookEndpoint,
    create_endpoint,
    delete_endpoint,
    rotate_secret,
)
from tests.receiver import EventReceiver, receiving

WAITS = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]


@pytest.fixture
def receiver() -> Iterator[EventReceiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def other() -> Iterator[EventReceiver]:
    with receiving() as receiver:
        yield receiver


def listens(engine: Engine, receiver: EventReceiver, at: datetime, *types: str) -> WebhookEndpoint:
    with writing(engine) as db:
        return create_endpoint(db, receiver.url, types or EVENT_TYPES, actor="ada", at=at)


def opens(engine: Engine, at: datetime, *names: str) -> None:
    """New workspaces with 200 minutes each."""
    with writing(engine) as db:
        for name in names or ("acme",):
            ledger.create_workspace(db, name, name="Acme", owner_email="o@x.example", actor="ada", at=at)
            ledger.update_plan_allocation(db, name, "starter", "monthly", key="p", actor="ada", at=at)


def uses(engine: Engine, at: datetime, *minutes: int, workspace_id: str = "acme") -> None:
    for number, each in enumerate(minutes):
        with writing(engine) as db:
            ledger.track_minutes(db, workspace_id, each, key=f"u{number} {each}", at=at)


def sends(engine: Engine, at: datetime) -> None:
    """Everything that is due by then."""
    while send_events(engine, at=at):
        pass


def test_each_threshold_and_limit_is_an_event_with_the_balance_and_the_reason(
    engine: Engine, receiver: EventReceiver, now: datetime
) -> None:
    opens(engine, now)
    listens(engine, receiver, now)

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


def test_a_limit_that_is_hit_by_a_refusal_is_told_apart_from_an_empty_balance(
    engine: Engine, receiver: EventReceiver, now: datetime
) -> None:
    opens(engine, now, "acme", "emptied")
    listens(engine, receiver, now, "usage.limit_hit", "usage.refused")

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
    listens(engine, receiver, now)
    minutes = (100, 90, 15, 5, 3)

    uses(engine, now, *minutes, workspace_id="single")
    with writing(engine) as db:
        batch = [
            {"workspace_id": "batch", "minutes": each, "key": f"u{number} {each}", "at": now}
            for number, each in enumerate(minutes)
        ]
        ledger.track_uses(db, batch)
    sends(engine, now)

    def told(name: str) -> list[tuple]:
        mine = [event for event in receiver.events if event["data"]["workspace_id"] == name]
        return [(event["type"], event["data"] | {"workspace_id": ""}) for event in mine]

    assert told("single") == told("batch")
    assert [kind for kind, _ in told("single")] == [
        "usage.threshold",
        "usage.threshold",
        "usage.plan_exhausted",
        "usage.threshold",
        "usage.limit_hit",
    ]


def test_credits_and_what_is_taken_back_are_events_and_uses_are_not(
    engine: Engine, receiver: EventReceiver, now: datetime
) -> None:
    listens(engine, receiver, now)
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


def test_each_endpoint_gets_the_types_it_asked_for_from_then_on(
    engine: Engine, receiver: EventReceiver, other: EventReceiver, now: datetime
) -> None:
    listens(engine, receiver, now, "minutes.credited")
    opens(engine, now)
    listens(engine, other, now, "usage.threshold", "minutes.credited")

    uses(engine, now, 170)
    sends(engine, now)

    assert receiver.types == ["minutes.credited"]
    assert other.types == ["usage.threshold"]


def test_nothing_is_stored_while_nobody_listens(engine: Engine, now: datetime) -> None:
    opens(engine, now)
    uses(engine, now, 200)

    with reading(engine) as db:
        assert db.exec_driver_sql("SELECT count(*) FROM outgoing_events").scalar_one() == 0


def test_an_event_whose_cause_is_rolled_back_never_was(
    engine: Engine, receiver: EventReceiver, now: datetime
) -> None:
    opens(engine, now)
    listens(engine, receiver, now)

    with pytest.raises(RuntimeError), writing(engine) as db:
        ledger.grant_minutes(db, "acme", 30, reason="outage", key="g", actor="sam", at=now)
        raise RuntimeError
    sends(engine, now)

    assert receiver.received == []


def test_events_of_a_workspace_wait_for_the_one_before_and_those_of_others_do_not(
    engine: Engine, receiver: EventReceiver, now: datetime
) -> None:
    opens(engine, now, "acme", "other")
    listens(engine, receiver, now)
    receiver.answers[:] = [500]

    uses(engine, now, 160, 20)
    sends(engine, now)
    uses(engine, now, 160, workspace_id="other")
    sends(engine, now)
    at_first = [(event["data"]["workspace_id"], event["data"].get("threshold")) for event in receiver.events]
    sends(engine, now + timedelta(seconds=5))

    assert at_first == [("acme", 80), ("other", 80)]
    assert [event["data"]["threshold"] for event in receiver.events] == [80, 80, 80, 90]
    ids = [headers["webhook-id"] for headers, _ in receiver.received]
    assert ids[0] == ids[2]
    assert len(set(ids)) == 3


def test_the_schedule_is_kept_then_the_event_is_given_up_and_can_be_replayed(
    engine: Engine, receiver: EventReceiver, now: datetime
) -> None:
    opens(engine, now)
    endpoint = listens(engine, receiver, now)
    uses(engine, now, 160)
    receiver.answers[:] = [500] * 10
    at = now

    sends(engine, at)
    for number, wait in enumerate(WAITS, 1):
        sends(engine, at + timedelta(seconds=wait - 0.001))
        assert len(receiver.received) == number
        at += timedelta(seconds=wait)
        sends(engine, at)
        assert len(receiver.received) == number + 1

    with reading(engine) as db:
        (given_up,) = events.list_deliveries(db, endpoint.endpoint_id)
        log = events.list_attempts(db, given_up)
    assert (given_up.state, len(receiver.received), len(log)) == ("dead", 10, 10)
    assert {(each.status, each.answer, each.error) for each in log} == {
        (500, "done", "the receiver answered 500")
    }

    with writing(engine) as db:
        events.replay_delivery(db, endpoint.endpoint_id, given_up.event_no, at=at)
    sends(engine, at)
    with reading(engine) as db:
        (replayed,) = events.list_deliveries(db, endpoint.endpoint_id, state="delivered")
    assert replayed.delivered_at == at


def test_two_secrets_sign_for_a_day_after_one_replaced_the_other(
    engine: Engine, receiver: EventReceiver, now: datetime
) -> None:
    opens(engine, now)
    old = listens(engine, receiver, now)
    with writing(engine) as db:
        new = rotate_secret(db, old.endpoint_id, at=now)
    at_the_end = now + timedelta(hours=24)
    uses(engine, now, 160)
    sends(engine, at_the_end - timedelta(microseconds=1))
    uses(engine, now, 20)
    sends(engine, at_the_end)

    def signed_by(secret: str, sent: tuple[dict[str, str], str]) -> bool:
        signature = Webhook(secret).sign(
            sent[0]["webhook-id"],
            datetime.fromtimestamp(int(sent[0]["webhook-timestamp"]), now.tzinfo),
            sent[1],
        )
        return signature in sent[0]["webhook-signature"].split()

    assert old.secret != new.secret
    assert [(signed_by(old.secret, sent), signed_by(new.secret, sent)) for sent in receiver.received] == [
        (True, True),
        (False, True),
    ]


def test_a_deleted_endpoint_gets_nothing_more_and_its_log_stays(
    engine: Engine, receiver: EventReceiver, now: datetime
) -> None:
    opens(engine, now)
    endpoint = listens(engine, receiver, now)
    uses(engine, now, 160)
    with writing(engine) as db:
        delete_endpoint(db, endpoint.endpoint_id, actor="ada", at=now)
    uses(engine, now, 20)
    sends(engine, now)

    assert receiver.received == []
    with reading(engine) as db:
        assert [each.state for each in events.list_deliveries(db, endpoint.endpoint_id)] == ["dead"]


def test_old_events_are_purged_unless_they_still_wait(
    engine: Engine, receiver: EventReceiver, now: datetime
) -> None:
    opens(engine, now)
    endpoint = listens(engine, receiver, now)
    receiver.answers[:] = [200, 500]
    uses(engine, now, 160, 20)
    sends(engine, now)

    with writing(engine) as db:
        purged = events.purge_outgoing_events(db, before=datetime.now(now.tzinfo) + timedelta(days=1))

    with reading(engine) as db:
        left = events.list_deliveries(db, endpoint.endpoint_id)
    assert (purged, [each.state for each in left]) == (1, ["pending"])
