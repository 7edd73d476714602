"""The Events page: every state has a name, replay is offered where it works, and the answer in each case."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

import ledger
from dashboard.screens import events
from ledger.errors import LedgerError
from ledger.webhooks.inbox import InboxState, replay
from tests.shop import open_shop


def test_the_states_are_those_of_the_database(db) -> None:
    rule = db.execute(
        text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'stripe_events_status'")
    ).scalar_one()

    assert all(f"'{state}'" in rule for state in events.STATUSES)


def test_replay_is_offered_for_exactly_the_states_that_can_be_replayed(engine: Engine, now) -> None:
    with open_shop(engine, now) as shop:
        event = shop.delivers("customer.updated")
        can = set()
        for status in events.STATUSES:
            waiting = "now()" if status in ("pending", "processing", "failed") else "NULL"
            shop.runs(
                f"UPDATE stripe_events SET status = :status, next_attempt_at = {waiting}", status=status
            )
            with ledger.writing(engine) as db:
                try:
                    replay(db, event.event_id, at=now)
                    can.add(status)
                except LedgerError:
                    continue

    assert can == set(events.RUN_AGAIN)


@pytest.mark.parametrize("status", ["refused", "pending", "processing"])
def test_what_was_refused_or_is_at_work_is_left_alone(status: str) -> None:
    assert status not in events.RUN_AGAIN


@pytest.mark.parametrize(
    ("waiting", "failed", "dead", "said"),
    [
        (0, 0, 0, "**All events are processed**: none waiting, none failed."),
        (1, 0, 0, "**1 event is waiting**, the oldest received 2h ago."),
        (3, 0, 0, "**3 events are waiting**, the oldest received 2h ago."),
        (3, 1, 0, "**1 event is retrying** after an error."),
        (3, 2, 0, "**2 events are retrying** after an error."),
        (3, 1, 2, "**2 events failed** after eight attempts: read the error, fix its cause, then replay."),
    ],
)
def test_the_answer_names_the_worst_state_of_the_events(now, waiting, failed, dead, said) -> None:
    state = InboxState(
        waiting=waiting,
        failed=failed,
        dead=dead,
        oldest_waiting_at=now - timedelta(hours=2) if waiting else None,
    )

    assert events.answer(state, now) == said
