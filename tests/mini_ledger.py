"""Ten workspaces whose every number can be worked out by hand, booked through the ledger's own functions.

As of 30 April 2026, report time zone UTC. All start on 1 February on Starter monthly, so 200 minutes arrive on
1 February, 1 March and 1 April.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, text

import ledger
from ledger.database import writing
from ledger.metrics.rollups import refresh_rollups
from ledger.minutes.credits import credit_purchase, take_back
from ledger.minutes.workspaces import cancel_plan, reset_due
from ledger.payments.purchases import place_purchase
from tests.databases import as_owner, migrated_database

AS_OF = datetime(2026, 4, 30, tzinfo=UTC)
START = datetime(2026, 2, 1, tzinfo=UTC)


def when(moment: str) -> datetime:
    """`03-05 10:00` of 2026, UTC."""
    return datetime.strptime(f"2026-{moment}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)


def _uses(workspace_id: str, minutes: int):
    def happen(db: Connection, at: datetime) -> None:
        ledger.track_minutes(db, workspace_id, minutes, key=f"use at {at:%m-%d %H:%M}", at=at)

    return happen


def _buys(workspace_id: str, package: str):
    def happen(db: Connection, at: datetime) -> None:
        bought = place_purchase(
            db, workspace_id, package, mode="live", key=f"{package} {at:%m-%d}", actor="owner", at=at
        )
        pay(db, workspace_id, bought.purchase_id, at=at)

    return happen


def pay(db: Connection, workspace_id: str, purchase_id, *, at: datetime) -> None:
    """Money arrives and the minutes are credited."""
    lookup = {"w": workspace_id, "p": purchase_id}
    row = db.execute(
        text(
            "UPDATE extra_minutes_purchases SET status = 'paid', paid_at = :at "
            "WHERE workspace_id = :w AND purchase_id = :p RETURNING minutes"
        ),
        {**lookup, "at": at},
    ).one()
    lot = credit_purchase(
        db,
        workspace_id,
        row.minutes,
        purchase_id=purchase_id,
        key=f"paid {purchase_id}",
        actor="stripe",
        at=at,
    )
    db.execute(
        text("UPDATE extra_minutes_purchases SET lot_id = :lot WHERE workspace_id = :w AND purchase_id = :p"),
        {**lookup, "lot": lot.lot_id},
    )


def refund(db: Connection, workspace_id: str, *, at: datetime, cents: int | None = None) -> None:
    """The last purchase of a workspace goes back, in full or in part."""
    row = db.execute(
        text(
            "SELECT purchase_id, lot_id, minutes, amount_cents FROM extra_minutes_purchases "
            "WHERE workspace_id = :w AND status = 'paid' ORDER BY paid_at DESC LIMIT 1"
        ),
        {"w": workspace_id},
    ).one()
    cents = cents or row.amount_cents
    how = {"kind": "refund", "key": f"refund {at}", "actor": "stripe", "at": at, "reason": "refunded"}
    taken = take_back(db, workspace_id, row.lot_id, row.minutes * cents // row.amount_cents, **how)
    output = {
        "w": workspace_id,
        "p": row.purchase_id,
        "r": f"re_{at:%m%d%H%M%S}",
        "cents": cents,
        "at": at,
        "taken": taken,
    }
    for sentence in (
        "INSERT INTO refunds (workspace_id, refund_id, purchase_id, amount_cents, currency, status, refunded_at) "
        "VALUES (:w, :r, :p, :cents, 'usd', 'succeeded', :at)",
        "UPDATE extra_minutes_purchases SET refunded_cents = refunded_cents + :cents, refunded_at = :at, "
        "status = CASE WHEN refunded_cents + :cents = amount_cents THEN 'refunded' ELSE 'partially_refunded' END, "
        "taken_back_minutes = taken_back_minutes + :taken WHERE workspace_id = :w AND purchase_id = :p",
    ):
        db.execute(text(sentence), output)


def _refunds(workspace_id: str):
    return lambda db, at: refund(db, workspace_id, at=at)


def _leaves(workspace_id: str):
    return lambda db, at: cancel_plan(db, workspace_id, key="leave", actor="owner", at=at)


STORY = [
    ("03-01 09:00", _uses("W10", 320)),
    ("03-02 09:00", _buys("W10", "medium")),
    ("03-05 10:00", _uses("W01", 400)),
    ("03-05 12:00", _buys("W01", "small")),
    ("03-06 12:00", _uses("W01", 45)),
    ("03-08 09:00", _uses("W09", 400)),
    ("03-10 09:00", _uses("W02", 400)),
    ("03-12 09:00", _uses("W03", 400)),
    ("03-15 09:00", _uses("W04", 400)),
    ("03-20 09:00", _buys("W02", "medium")),
    ("03-28 09:00", _uses("W05", 400)),
    ("03-29 09:00", _buys("W05", "small")),
    ("03-30 09:00", _refunds("W05")),
    ("04-02 09:00", _uses("W06", 600)),
    ("04-05 09:00", _buys("W04", "large")),
    ("04-06 09:00", _leaves("W06")),
    ("04-07 09:00", _uses("W04", 320)),
    ("04-08 09:00", _uses("W09", 200)),
    ("04-09 09:00", _buys("W09", "medium")),
    ("04-18 09:00", _uses("W02", 350)),
    ("04-20 09:00", _uses("W07", 600)),
    ("04-22 09:00", _buys("W07", "jumbo")),
    ("04-23 09:00", _uses("W07", 30)),
    ("04-25 00:00", _uses("W08", 600)),
]


def live_through(db: Connection) -> None:
    """Let it all happen. W03's test-mode Jumbo must count nowhere."""
    for number in range(1, 11):
        workspace_id = f"W{number:02}"
        ledger.create_workspace(
            db,
            workspace_id,
            name=workspace_id,
            owner_email="owner@example.com",
            actor="test",
            at=START,
            source="live",
        )
        ledger.update_plan_allocation(
            db, workspace_id, "starter", "monthly", key="start", actor="test", at=START
        )
    for moment, happen in STORY:
        happen(db, when(moment))
    reset_due(db, at=AS_OF)
    test_row = place_purchase(
        db, "W03", "jumbo", mode="live", key="test row", actor="owner", at=when("03-13 09:00")
    )
    with as_owner(db):
        db.execute(
            text(
                "UPDATE extra_minutes_purchases SET source = 'stripe_test', status = 'paid', paid_at = created_at "
                "WHERE purchase_id = :p"
            ),
            {"p": test_row.purchase_id},
        )


@contextmanager
def rolled_up() -> Iterator[Engine]:
    """A database of its own in which the story is booked and rolled up."""
    with migrated_database() as engine:
        with writing(engine) as db:
            live_through(db)
            refresh_rollups(db, at=AS_OF)
        yield engine
