"""Warnings out, received by a real server on this machine."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from sqlalchemy import Engine, text
from standardwebhooks import Webhook

import ledger
from ledger.database import reading, writing
from ledger.notify import outbox
from ledger.notify.endpoint import set_endpoint


@dataclass
class Receiver:
    """A customer's server: what it got, and what it answers."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    got: list[tuple[dict[str, str], str]] = field(default_factory=list)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    kept = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            kept.got.append((dict(self.headers), body))
            self.send_response(kept.answers.pop(0) if kept.answers else 204)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.url = f"http://127.0.0.1:{server.server_port}/warnings"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield kept
    server.shutdown()
    server.server_close()


def cross(engine: Engine, at: datetime, *minutes: int, workspace_id: str = "acme") -> None:
    """Use minutes of a fresh workspace with 200."""
    with writing(engine) as db:
        ledger.create_workspace(
            db, workspace_id, name="Acme", owner_email="o@acme.example", actor="ada", at=at
        )
        ledger.update_plan_allocation(db, workspace_id, "starter", "monthly", key="p", actor="ada", at=at)
        for number, used in enumerate(minutes):
            ledger.track_minutes(db, workspace_id, used, key=f"u{number}", at=at)


def listen(engine: Engine, receiver: Receiver, at: datetime) -> str:
    """Set the address; give the secret."""
    with writing(engine) as db:
        return set_endpoint(db, receiver.url, actor="ada", at=at).secret


def states(engine: Engine) -> dict[str, tuple[str, int]]:
    """How far each warning got: delivery and attempts."""
    with reading(engine) as db:
        return {each.kind: (each.delivery, each.attempts) for each in outbox.list_usage_alerts(db)}


def test_each_threshold_and_the_limit_are_sent_once_and_signed(
    engine: Engine, receiver: Receiver, now: datetime
) -> None:
    secret = listen(engine, receiver, now)
    cross(engine, now, 160, 20, 20)
    later = sending_time(engine)

    sent = [outbox.send_due(engine, at=later) for _ in range(2)]

    assert sent == [4, 0]
    bodies = [verified(secret, headers, body, later) for headers, body in receiver.got]
    told = sorted((body["type"], body["data"]["threshold"]) for body in bodies if body["data"]["threshold"])
    assert told == [("usage.threshold_crossed", threshold) for threshold in (80, 90, 100)]
    assert [body["data"]["workspace_id"] for body in bodies if body["type"] == "usage.limit_hit"] == ["acme"]
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 4
    assert set(states(engine).values()) == {("delivered", 1)}


def verified(secret: str, headers: dict[str, str], body: str, at: datetime) -> dict:
    """Check the signature as a receiver's library does, but for the age of the message."""
    signed = Webhook(secret).sign(headers["webhook-id"], at, body)
    assert headers["webhook-signature"] == signed
    assert headers["webhook-timestamp"] == str(int(at.timestamp()))

    return json.loads(body)


def sending_time(engine: Engine) -> datetime:
    """A moment after everything was booked."""
    with reading(engine) as db:
        return max(each.recorded_at for each in outbox.list_usage_alerts(db)) + timedelta(seconds=1)


def test_a_failed_warning_comes_again_under_the_same_id_after_growing_pauses(
    engine: Engine, receiver: Receiver, now: datetime
) -> None:
    listen(engine, receiver, now)
    cross(engine, now, 160)
    receiver.answers = [500, 302, 200]
    at = sending_time(engine)

    sent = [
        outbox.send_due(engine, at=at + timedelta(seconds=seconds)) for seconds in (0, 4, 5, 304, 305, 306)
    ]

    assert sent == [1, 0, 1, 0, 1, 0]
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    assert states(engine) == {"used_80": ("delivered", 3)}


def test_a_warning_that_never_arrives_is_given_up_and_can_be_replayed(
    engine: Engine, receiver: Receiver, now: datetime
) -> None:
    listen(engine, receiver, now)
    cross(engine, now, 160)
    receiver.answers = [500] * 10
    at = sending_time(engine)
    for _ in range(10):
        outbox.send_due(engine, at=at)
        at += timedelta(days=1)
    given_up = states(engine)

    with writing(engine) as db:
        waiting = outbox.count_waiting(db)
        outbox.replay(db, "acme", 1, "used_80", at=at)
    outbox.send_due(engine, at=at)

    assert given_up == {"used_80": ("dead", 10)}
    assert (waiting.pending, waiting.dead) == (0, 1)
    assert states(engine) == {"used_80": ("delivered", 1)}
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1


def test_a_receiver_that_is_not_there_is_a_failure_in_words(engine: Engine, now: datetime) -> None:
    listen(engine, Receiver(url="http://127.0.0.1:9/nobody"), now)
    cross(engine, now, 160)

    outbox.send_due(engine, at=sending_time(engine))

    with reading(engine) as db:
        usage_alert = outbox.list_usage_alerts(db)[0]
    assert (usage_alert.delivery, usage_alert.attempts) == ("pending", 1)
    assert "not reached" in usage_alert.last_error


def test_two_senders_at_once_send_each_warning_once(
    engine: Engine, receiver: Receiver, now: datetime
) -> None:
    listen(engine, receiver, now)
    for number in range(20):
        cross(engine, now, 160, workspace_id=f"w{number}")
    at = sending_time(engine)

    with ThreadPoolExecutor(4) as pool:
        sent = list(pool.map(lambda _: outbox.send_due(engine, at=at, limit=10), range(8)))

    assert sum(sent) == len(receiver.got) == 20
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 20


def test_a_claim_of_a_sender_that_died_is_taken_over(
    engine: Engine, receiver: Receiver, now: datetime
) -> None:
    listen(engine, receiver, now)
    cross(engine, now, 160)
    at = sending_time(engine)
    with writing(engine) as db:  # a sender that claims and then dies
        db.execute(
            ledger.database.query("usage_alerts_claim"), {"at": at, "until": at + outbox.LEASE, "limit": 10}
        ).all()

    during, after = outbox.send_due(engine, at=at), outbox.send_due(engine, at=at + outbox.LEASE)

    assert (during, after, len(receiver.got)) == (0, 1, 1)


def exhaust(engine: Engine, now: datetime) -> None:
    """Use up the plan while extra minutes wait."""
    cross(engine, now)
    with writing(engine) as db:
        ledger.grant_minutes(db, "acme", 1_000, reason="grant", key="g", actor="ada", at=now)
        ledger.track_minutes(db, "acme", 200, key="u", at=now)


def test_extra_minutes_taking_over_is_a_message_of_its_own_type(
    engine: Engine, receiver: Receiver, now: datetime
) -> None:
    secret = listen(engine, receiver, now)
    exhaust(engine, now)
    later = sending_time(engine)

    sent = [outbox.send_due(engine, at=later) for _ in range(2)]

    [(headers, body)] = receiver.got
    told = verified(secret, headers, body, later)
    assert (told["type"], told["data"]["threshold"]) == ("usage.plan_exhausted", None)
    assert (told["data"]["workspace_id"], told["data"]["entry_no"]) == ("acme", 3)
    assert sent == [1, 0]
    assert states(engine) == {"plan_exhausted": ("delivered", 1)}


def test_a_receiver_that_was_there_before_gets_no_type_that_it_does_not_know(
    engine: Engine, receiver: Receiver, now: datetime
) -> None:
    listen(engine, receiver, now)
    with writing(engine) as db:  # as the migration leaves an address that was set before
        db.execute(text("UPDATE warning_endpoint SET sends_plan_exhausted = false"))
    listen(engine, receiver, now)
    exhaust(engine, now)

    outbox.send_due(engine, at=sending_time(engine))

    assert receiver.got == []
    assert states(engine) == {"plan_exhausted": ("off", 1)}


def test_nothing_is_sent_without_an_address_nor_later_what_was_crossed_meanwhile(
    engine: Engine, receiver: Receiver, now: datetime
) -> None:
    cross(engine, now, 160)
    at = sending_time(engine)

    before = outbox.send_due(engine, at=at)
    listen(engine, receiver, at)
    after = outbox.send_due(engine, at=at)

    assert (before, after) == (0, 0)
    assert states(engine) == {"used_80": ("off", 0)}


def test_changing_the_address_keeps_the_secret_and_what_waits(
    engine: Engine, receiver: Receiver, now: datetime
) -> None:
    first = listen(engine, Receiver(url="http://127.0.0.1:9/nobody"), now)
    cross(engine, now, 160)
    second = listen(engine, receiver, sending_time(engine))

    outbox.send_due(engine, at=sending_time(engine))

    assert first == second
    assert states(engine) == {"used_80": ("delivered", 1)}


def test_an_unknown_warning_cannot_be_replayed(engine: Engine, now: datetime) -> None:
    with writing(engine) as db, pytest.raises(outbox.UnknownUsageAlert):
        outbox.replay(db, "acme", 1, "used_80", at=now)


def test_the_outbox_is_read_in_pages(engine: Engine, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "ROWS_AT_ONCE", 5)
    for number in range(3):
        cross(engine, now, 160, 40, workspace_id=f"w{number}")

    with reading(engine) as db:
        all_at_once = outbox.list_usage_alerts(db)
        first = outbox.list_usage_alerts(db, limit=5)
        second = outbox.list_usage_alerts(db, before=first[-1])
        own = outbox.list_usage_alerts(db, workspace_id="w1")
        each = list(outbox.each_usage_alert(db))

    assert len(all_at_once) == 12
    assert first + second == all_at_once == each
    assert {each.workspace_id for each in own} == {"w1"}
