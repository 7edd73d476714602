"""Events out while clocks are wrong, or their causes lie ahead: none waits for a time that nobody meant."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from ledger.database import query, writing
from ledger.notify import events
from tests.receiver import EventReceiver, add_receiver, opens, receiving, sends, uses


@pytest.fixture
def receiver() -> Iterator[EventReceiver]:
    with receiving() as receiver:
        yield receiver


@pytest.mark.parametrize(("ahead", "sent"), [(timedelta(hours=25), 0), (timedelta(days=400), 1)])
def test_a_claim_by_a_clock_that_was_ahead_is_due_and_the_longest_wait_is_not(
    engine: Engine, receiver: EventReceiver, now: datetime, ahead: timedelta, sent: int
) -> None:
    opens(engine, now)
    endpoint = add_receiver(engine, receiver, now)
    uses(engine, now, 160)
    claim = {"at": now, "until": now + ahead, "limit": 10, "endpoint_id": endpoint.endpoint_id}
    with writing(engine) as db:
        db.execute(query("event_deliveries_claim"), claim).all()

    assert events.send_events(engine, at=now) == sent


def test_an_event_of_a_use_that_lies_ahead_goes_out_at_once_and_holds_back_no_other(
    engine: Engine, receiver: EventReceiver
) -> None:
    now = datetime.now(UTC)
    opens(engine, now)
    add_receiver(engine, receiver, now)
    uses(engine, now + timedelta(days=20), 160)
    uses(engine, now, 20)

    sends(engine, datetime.now(UTC) + timedelta(seconds=1))

    assert [event["data"]["threshold"] for event in receiver.events] == [80, 90]
