"""A company to which everything of value has happened, sealed."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Connection, Engine, text

import ledger
from ledger.database import writing
from ledger.desk import approvals, audit, bulk_grants, keys, notes, staff
from ledger.desk.bulk_grants import GrantRequest
from ledger.metrics.annotations import annotate
from ledger.metrics.rollups import refresh_rollups
from ledger.minutes.attributes import set_attributes
from ledger.notify import approve_endpoint, create_endpoint, delete_endpoint, stop_subscription, subscribe
from ledger.payments.refunds import refund_purchase
from ledger.seals.sealing import seal
from tests.shop import Shop


@pytest.fixture
def company(shop: Shop, tmp_path: Path) -> Engine:
    """A company to which everything has happened, two of each, sealed."""
    for name in ("acme", "other"):
        with writing(shop.engine) as db:
            if name != "acme":
                about = {"name": name, "owner_email": "o@other.example", "actor": "t", "at": shop.now}
                ledger.create_workspace(db, name, source="sandbox", **about)
            ledger.update_plan_allocation(db, name, "starter", "monthly", key="p", actor="t", at=shop.now)
            ledger.grant_minutes(db, name, 50, reason="outage", key="g", actor="sam", at=shop.now)
            ledger.track_minutes(db, name, 33, key="u", at=shop.now)
            ledger.track_minutes(db, name, 20, key="v", at=shop.now)
            notes.add_note(db, name, UUID(int=1), "likes tea", author="sam", at=shop.now)
            audit.record(
                db, actor="sam", role="support", action="grant", at=shop.now, request_id=f"g {name}",
                workspace_id=name, minutes=50, reason="outage",
            )  # fmt: skip
    bought = shop.bought("small")
    shop.bought("medium")
    refund_purchase(
        shop.engine,
        shop.gateway,
        "acme",
        bought.purchase_id,
        500,
        reason="unhappy",
        key="r",
        actor="sam",
        at=shop.now,
    )
    with writing(shop.engine) as db:
        _desk(db, shop.now)
        for name, number in (("acme", 1), ("other", 2)):
            _payments(db, name, shop.now)
            _settings(db, name, number, shop.now)
        refresh_rollups(db, at=shop.now)
    seal(shop.engine, tmp_path, at=datetime.now(UTC))
    return shop.engine


def _desk(db: Connection, at: datetime) -> None:
    for number, who in enumerate(("ada", "sam"), start=1):
        staff.add_staff(db, f"{who}@x.example", role="support", actor="boss", at=at)
        audit.record(
            db,
            actor="boss",
            role="admin",
            action="add_staff",
            at=at,
            request_id=who,
            subject=f"{who}@x.example",
        )
        keys.create_key(db, name=who, scopes=("usage:write",), actor="boss", at=at)
        arguments = {
            "action": "grant",
            "workspace_id": "acme",
            "body": {"minutes": 9},
            "role": "support",
            "at": at,
        }
        approvals.request_approval(db, UUID(int=number), minutes=9, reason="big", actor=who, **arguments)
        rows = bulk_grants.check_rows(db, [GrantRequest(1, "acme", 5), GrantRequest(2, "other", 5)])
        words = {"title": "Outage", "reason": "outage", "needs_approval": False}
        bulk_grants.create_batch(db, UUID(int=number), rows, actor=who, at=at, **words)
    approvals.decide(db, UUID(int=1), accepted=True, decided_by="boss", reason="fine", at=at)


PAYMENTS = """
INSERT INTO stripe_invoices (workspace_id, invoice_id, subscription_id, payment_intent, currency, amount_paid_cents, paid_at, outcome,
                             because, synced_at)
VALUES (:w, 'in_' || :w, 'sub_' || :w, 'pi_' || :w, 'usd', 900, :at, 'nothing', 'the plan is not ours', :at);
INSERT INTO stripe_invoice_lines (workspace_id, invoice_id, line_no, subscription_id, price_id, plan, quantity, proration, trial,
                                  amount_cents, period_start, period_end, minutes, arithmetic)
VALUES (:w, 'in_' || :w, 1, 'sub_' || :w, 'price_1', 'pro', 1, false, false, 900, :at, :at + interval '1 month', 0, 'nothing');
INSERT INTO stripe_links (workspace_id, starts_at, chosen_by, chosen_at) VALUES (:w, :at, 'ada', :at);
INSERT INTO old_balances (workspace_id, minutes, actor, at) VALUES (:w, 40, 'ada', :at);
INSERT INTO move_in_comparisons (source, compared_at, actor, equal, open, unexplained_minutes, unexplained_cents, differences, went_live_by)
VALUES ('sandbox', :at, 'ada', 2, 0, 0, 0, '[]', 'ada');
INSERT INTO payment_objects (object_id, kind, workspace_id, linked_by) VALUES ('cus_' || :w, 'customer', :w, 'ada');
INSERT INTO auto_top_ups (workspace_id, package, trigger, monthly_limit_cents, enabled, changed_at, changed_by)
VALUES (:w, 'small', 90, 5000, true, :at, 'ada')
"""
TOP_UP = """
INSERT INTO top_ups (workspace_id, epoch, purchase_id, outcome, at)
SELECT workspace_id, 1, purchase_id, 'paid', :at FROM extra_minutes_purchases WHERE workspace_id = :w ORDER BY created_at LIMIT 1
"""


def _payments(db: Connection, name: str, at: datetime) -> None:
    for statement in (*PAYMENTS.split(";"), TOP_UP):
        db.execute(text(statement), {"w": name, "at": at})


def _settings(db: Connection, name: str, number: int, at: datetime) -> None:
    made = create_endpoint(
        db,
        f"https://{name}.example/in",
        ["usage.threshold"],
        actor="ada",
        at=at,
        approval_id=UUID(int=number),
    )
    if name == "other":
        approve_endpoint(db, UUID(int=number), actor="boss")
        delete_endpoint(db, made.endpoint_id, actor="ada", at=at)
    about = {"kind": "usage", "source": "sandbox", "channel": "email", "target": f"{name}@x.example"}
    subscribe(db, UUID(int=number), **about, actor="ada", at=at)
    if name == "other":
        stop_subscription(db, UUID(int=number), at=at)
    set_attributes(db, name, {"country": "DE", "seats": 5}, actor="ada", at=at)
    annotate(db, UUID(int=number), f"Launch {name}", kind="launch", happened_at=at, actor="ada")
    keys.create_key(
        db, name=f"{name} writer", scopes=("usage:write",), actor="ada", at=at, approval_id=UUID(int=number)
    )
    keys.approve_key(db, UUID(int=number), actor="boss")
