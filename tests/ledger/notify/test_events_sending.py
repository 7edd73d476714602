"""Events out: in which order and how often they are sent, how they are signed, and what the log says."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, text
from standardwebhooks import Webhook

from ledger.database import query, reading, writing
from ledger.notify import events
from ledger.notify.webhook_endpoints import delete_endpoint, rotate_secret
from tests.receiver import EventReceiver, add_receiver, hanging, opens, receiving, sends, uses

WAITS = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]


@pytest.fixture
def receiver() -> Iterator[EventReceiver]:
    with receiving() as receiver:
        yield receiver


def test_events_of_a_workspace_wait_for_the_one_before_and_those_of_others_do_not(
    engine: Engine, receiver: EventReceiver, now: datetime
) -> None:
    opens(engine, now, "acme", "other")
    add_receiver(engine, receiver, now)
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


def test_the_schedule_is_stored_then_the_event_is_given_up_and_can_be_replayed(
    engine: Engine, receiver: EventReceiver, now: datetime
) -> None:
    opens(engine, now)
    endpoint = add_receiver(engine, receiver, now)
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
    old = add_receiver(engine, receiver, now)
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
    endpoint = add_receiver(engine, receiver, now)
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
    endpoint = add_receiver(engine, receiver, now)
    receiver.answers[:] = [200, 500]
    uses(engine, now, 160, 20)
    sends(engine, now)

    with writing(engine) as db:
        purged = events.purge_outgoing_events(db, before=datetime.now(now.tzinfo) + timedelta(days=1))

    with reading(engine) as db:
        left = events.list_deliveries(db, endpoint.endpoint_id)
    assert (purged, [each.state for each in left]) == (1, ["pending"])


def test_an_answer_outside_the_two_hundreds_is_a_failure_and_a_redirect_is_not_followed(
    engine: Engine, receiver: EventReceiver, now: datetime
) -> None:
    opens(engine, now)
    endpoint = add_receiver(engine, receiver, now)
    receiver.answers[:] = [302, 500, 204]
    uses(engine, now, 160)

    for seconds in (0, 5, 305):
        sends(engine, now + timedelta(seconds=seconds))

    with reading(engine) as db:
        (delivery,) = events.list_deliveries(db, endpoint.endpoint_id)
        log = events.list_attempts(db, delivery)
    assert (delivery.state, delivery.attempts) == ("delivered", 3)
    assert [each.status for each in log] == [302, 500, 204]
    assert len({headers["webhook-id"] for headers, _ in receiver.received}) == 1


def test_a_receiver_that_is_not_there_is_a_failure_in_words(engine: Engine, now: datetime) -> None:
    opens(engine, now)
    endpoint = add_receiver(engine, EventReceiver(url="http://127.0.0.1:9/nobody"), now)
    uses(engine, now, 160)

    sends(engine, now)

    with reading(engine) as db:
        (delivery,) = events.list_deliveries(db, endpoint.endpoint_id)
        (attempt,) = events.list_attempts(db, delivery)
    assert (delivery.state, attempt.status) == ("pending", None)
    assert attempt.error
    assert "not reached" in attempt.error


def test_two_senders_at_once_send_each_event_once(
    engine: Engine, receiver: EventReceiver, now: datetime
) -> None:
    names = [f"w{number}" for number in range(20)]
    opens(engine, now, *names)
    add_receiver(engine, receiver, now)
    for name in names:
        uses(engine, now, 160, workspace_id=name)

    with ThreadPoolExecutor(4) as pool:
        sent = list(pool.map(lambda _: events.send_events(engine, at=now, limit=10), range(8)))

    assert sum(sent) == len(receiver.received) == 20
    assert len({headers["webhook-id"] for headers, _ in receiver.received}) == 20


def test_an_endpoint_that_hangs_delays_no_other_endpoint(
    engine: Engine, receiver: EventReceiver, now: datetime
) -> None:
    opens(engine, now)
    add_receiver(engine, receiver, now)
    release = threading.Event()
    with hanging(release) as url, ThreadPoolExecutor(1) as pool:
        stuck = add_receiver(engine, EventReceiver(url=url), now)
        uses(engine, now, 160, 20)  # two events: the second is due once the first has arrived
        sending = pool.submit(events.send_events, engine, at=now)
        try:
            for _ in range(80):
                if len(receiver.received) == 2:
                    break
                time.sleep(0.1)
            assert [event["data"]["threshold"] for event in receiver.events] == [80, 90]
            assert not sending.done()
        finally:
            release.set()
    with reading(engine) as db:
        assert len(events.list_deliveries(db, stuck.endpoint_id, state="delivered")) == 2


def test_what_becomes_due_while_a_slow_endpoint_answers_is_sent_in_the_same_round(
    engine: Engine, receiver: EventReceiver, now: datetime
) -> None:
    opens(engine, now, "acme", "later")
    endpoint = add_receiver(engine, receiver, now)
    with hanging(threading.Event(), seconds=1.2) as url, ThreadPoolExecutor(1) as pool:
        slow = add_receiver(engine, EventReceiver(url=url), now)
        uses(engine, now, 160, 20)
        sending = pool.submit(events.send_events, engine, at=now)
        uses(engine, now + timedelta(seconds=2), 160, workspace_id="later")
        with writing(engine) as db:
            replaced = rotate_secret(db, endpoint.endpoint_id, at=now)
        attempts = sending.result(30)

    with reading(engine) as db:
        assert [each.state for each in events.list_deliveries(db, slow.endpoint_id)] == ["delivered"] * 3
    assert [event["data"]["workspace_id"] for event in receiver.events] == ["acme", "acme", "later"]
    assert len(receiver.received[-1][0]["webhook-signature"].split()) == 2
    assert replaced.secret != endpoint.secret
    assert attempts == 6


def test_a_claim_of_a_sender_that_died_is_taken_over(
    engine: Engine, receiver: EventReceiver, now: datetime
) -> None:
    opens(engine, now)
    endpoint = add_receiver(engine, receiver, now)
    uses(engine, now, 160)
    claim = {"at": now, "until": now + events.LEASE, "limit": 10, "endpoint_id": endpoint.endpoint_id}
    with writing(engine) as db:  # a sender that claims and then dies
        db.execute(query("event_deliveries_claim"), claim).all()

    during, after = events.send_events(engine, at=now), events.send_events(engine, at=now + events.LEASE)

    assert (during, after, len(receiver.received)) == (0, 1, 1)


def test_what_waits_and_what_was_given_up_is_counted_at_living_endpoints(
    engine: Engine, receiver: EventReceiver, now: datetime
) -> None:
    opens(engine, now, "acme", "other")
    stored, deleted = add_receiver(engine, receiver, now), add_receiver(engine, receiver, now)
    uses(engine, now, 160)
    uses(engine, now, 160, workspace_id="other")
    with writing(engine) as db:
        before = events.count_deliveries(db)
        delete_endpoint(db, deleted.endpoint_id, actor="ada", at=now)
        after = events.count_deliveries(db)
        gone = {"at": now, "endpoint": stored.endpoint_id}
        db.execute(
            text(
                "UPDATE event_deliveries SET state = 'dead' WHERE endpoint_id = :endpoint AND workspace_id = 'acme'"
            ),
            gone,
        )
        given_up = events.count_deliveries(db)

    assert (before.pending, before.dead) == (4, 0)
    assert (after.pending, after.dead) == (2, 0)
    assert (given_up.pending, given_up.dead) == (1, 1)


def test_an_event_that_did_not_go_to_an_endpoint_cannot_be_replayed(engine: Engine, now: datetime) -> None:
    endpoint = add_receiver(engine, EventReceiver(url="http://127.0.0.1:9/nobody"), now)

    with writing(engine) as db, pytest.raises(events.UnknownDelivery):
        events.replay_delivery(db, endpoint.endpoint_id, 1, at=now)
