"""A small company in which anything may happen, the same for the same seed: for tests that must hold on any data."""

import random
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, text

import ledger
from ledger.minutes.workspaces import cancel_plan
from ledger.payments.purchases import place_purchase
from tests.mini_ledger import pay, refund

BEGIN = datetime(2026, 1, 1, 8, tzinfo=UTC)
DAYS = 120
AS_OF = BEGIN + timedelta(days=DAYS)


def sign_up(db: Connection, workspace_id: str, dice: random.Random, source: str) -> None:
    """A workspace with a plan, some days after the beginning."""
    at = BEGIN + timedelta(hours=dice.randrange(240))
    ledger.create_workspace(
        db,
        workspace_id,
        name=workspace_id,
        owner_email="owner@example.com",
        actor="test",
        at=at,
        source=source,
    )
    ledger.update_plan_allocation(
        db,
        workspace_id,
        dice.choice(["starter", "starter", "pro"]),
        dice.choice(["monthly", "monthly", "annual"]),
        key="start",
        actor="test",
        at=at,
    )


def one_thing(db: Connection, workspace_id: str, dice: random.Random, at: datetime, source: str) -> None:
    """Something happens to a workspace at `at`."""
    key = f"{at.isoformat()}"
    what = dice.choices(["use", "buy", "refund", "dispute", "upgrade", "leave"], [60, 20, 5, 3, 3, 1])[0]
    if what == "use":
        ledger.track_minutes(db, workspace_id, dice.randrange(1, 260), key=key, at=at)
    elif what == "buy":
        package = dice.choice(["small", "medium", "large", "jumbo"])
        bought = place_purchase(db, workspace_id, package, mode=source, key=key, actor="owner", at=at)
        pay(db, workspace_id, bought.purchase_id, at=at)
    elif what == "refund":
        _refund(db, workspace_id, dice, at)
    elif what == "dispute":
        _lose_dispute(db, workspace_id, at)
    elif what == "upgrade":
        ledger.update_plan_allocation(db, workspace_id, "pro", "monthly", key=key, actor="test", at=at)
    else:
        cancel_plan(db, workspace_id, key=key, actor="owner", at=at)


def _paid(db: Connection, workspace_id: str):
    return db.execute(
        text(
            "SELECT purchase_id, amount_cents, currency, refunded_cents FROM extra_minutes_purchases "
            "WHERE workspace_id = :w AND status = 'paid' ORDER BY paid_at DESC LIMIT 1"
        ),
        {"w": workspace_id},
    ).one_or_none()


def _refund(db: Connection, workspace_id: str, dice: random.Random, at: datetime) -> None:
    row = _paid(db, workspace_id)
    if row is not None:
        refund(db, workspace_id, at=at, cents=dice.choice([None, row.amount_cents // 3]))


def _lose_dispute(db: Connection, workspace_id: str, at: datetime) -> None:
    row = _paid(db, workspace_id)
    if row is None:
        return
    db.execute(
        text(
            "INSERT INTO disputes (workspace_id, dispute_id, purchase_id, amount_cents, currency, status, "
            "opened_at, closed_at) VALUES (:w, :d, :p, :cents, :currency, 'lost', :at, :at)"
        ),
        {
            "w": workspace_id,
            "d": f"dp_{at:%m%d%H%M%S}",
            "p": row.purchase_id,
            "cents": row.amount_cents,
            "currency": row.currency,
            "at": at,
        },
    )
    db.execute(
        text(
            "UPDATE extra_minutes_purchases SET status = 'disputed', dispute_status = 'lost', disputed_at = :at, "
            "fee_cents = 59, fee_currency = 'usd' WHERE workspace_id = :w AND purchase_id = :p"
        ),
        {"w": workspace_id, "p": row.purchase_id, "at": at},
    )


def live_through(
    db: Connection, *, seed: int, workspaces: int = 8, things: int = 30, source: str = "sandbox"
) -> list[str]:
    """Let a company live; returns its workspaces."""
    dice = random.Random(seed)
    names = [f"{source[:4]}-{seed}-{number}" for number in range(workspaces)]
    for name in names:
        sign_up(db, name, dice, source)
    moments = sorted(dice.random() for _ in range(workspaces * things))
    for moment in moments:
        at = BEGIN + timedelta(days=11) + moment * timedelta(days=DAYS - 12)
        one_thing(db, dice.choice(names), dice, at, source)
    return names
