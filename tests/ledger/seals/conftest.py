"""A company to which everything of value has happened, sealed."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Connection, Engine

import ledger
from ledger.database import writing
from ledger.desk import approvals, audit, bulk_grants, keys, notes, staff
from ledger.desk.bulk_grants import GrantRequest
from ledger.metrics.rollups import refresh_rollups
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
