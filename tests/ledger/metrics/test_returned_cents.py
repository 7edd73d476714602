"""What of a purchase went back by a moment: every state and both sides of the moment, and of this purchase alone."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection, text

from ledger.database import inlined
from ledger.payments.purchases import place_purchase
from tests.stories import START, Story

INSTANT = timedelta(microseconds=1)
MOMENT = START + timedelta(days=10)
BEFORE = MOMENT - timedelta(days=1)


def bought(db: Connection, story: Story, key: str) -> dict[str, object]:
    purchase = place_purchase(
        db, story.workspace_id, "small", mode="sandbox", key=key, actor="test", at=START
    )
    return {"w": story.workspace_id, "p": purchase.purchase_id}


def refunded(db: Connection, purchase, status: str, at) -> None:
    db.execute(
        text(
            "INSERT INTO refunds (workspace_id, refund_id, purchase_id, amount_cents, currency, status, refunded_at) "
            "VALUES (:w, 're_' || gen_random_uuid(), :p, 300, 'usd', :status, :at)"
        ),
        {**purchase, "status": status, "at": at},
    )


def disputed(db: Connection, purchase, status: str, opened_at, closed_at) -> None:
    db.execute(
        text(
            "INSERT INTO disputes (workspace_id, dispute_id, purchase_id, amount_cents, currency, status, opened_at, "
            "closed_at) VALUES (:w, 'dp_' || gen_random_uuid(), :p, 500, 'usd', :status, :opened_at, :closed_at)"
        ),
        {**purchase, "status": status, "opened_at": opened_at, "closed_at": closed_at},
    )


def returned(db: Connection, purchase) -> int:
    statement = inlined(
        "SELECT returned_cents(p.workspace_id, p.purchase_id, :as_of) FROM extra_minutes_purchases p "
        "WHERE p.workspace_id = :w AND p.purchase_id = :p"
    )
    return db.execute(text(statement), {**purchase, "as_of": MOMENT}).scalar_one()


@pytest.fixture
def purchases(db: Connection):
    """One purchase to ask about, and two whose money went back whole: another of its workspace, one of another."""
    acme, other = Story(db), Story(db)
    wanted, *others = bought(db, acme, "1"), bought(db, acme, "2"), bought(db, other, "1")
    for each in others:
        refunded(db, each, "succeeded", BEFORE)
        disputed(db, each, "lost", BEFORE, BEFORE)
    yield wanted
    assert [returned(db, each) for each in others] == [800, 800]


@pytest.mark.parametrize(
    ("status", "at", "cents"),
    [
        ("succeeded", MOMENT, 300),
        ("succeeded", MOMENT + INSTANT, 0),
        ("pending", BEFORE, 300),
        ("requires_action", BEFORE, 300),
        ("failed", BEFORE, 0),
        ("canceled", BEFORE, 0),
    ],
)
def test_a_refund_counts_from_its_moment_unless_it_was_undone(db, purchases, status, at, cents) -> None:
    refunded(db, purchases, status, at)

    assert returned(db, purchases) == cents


@pytest.mark.parametrize(
    ("status", "opened_at", "closed_at", "cents"),
    [
        ("lost", BEFORE, MOMENT, 500),
        ("lost", BEFORE, MOMENT + INSTANT, 0),
        ("lost", MOMENT, None, 500),
        ("lost", MOMENT + INSTANT, None, 0),
        ("needs_response", BEFORE, None, 0),
        ("under_review", BEFORE, None, 0),
        ("won", BEFORE, BEFORE, 0),
        ("warning_needs_response", BEFORE, None, 0),
        ("warning_closed", BEFORE, BEFORE, 0),
    ],
)
def test_a_dispute_counts_once_it_is_lost(db, purchases, status, opened_at, closed_at, cents) -> None:
    disputed(db, purchases, status, opened_at, closed_at)

    assert returned(db, purchases) == cents


def test_refunds_and_lost_disputes_add_up(db, purchases) -> None:
    for status, at in (("succeeded", BEFORE), ("failed", BEFORE), ("succeeded", MOMENT)):
        refunded(db, purchases, status, at)
    disputed(db, purchases, "lost", BEFORE, BEFORE)

    assert returned(db, purchases) == 300 + 300 + 500
