"""Verbs for tests, so that a test reads like a ledger."""

from __future__ import annotations

import itertools
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, text

import ledger
from ledger.minutes.credits import credit_purchase, restore_minutes, take_back

START = datetime(2026, 1, 31, 10, tzinfo=UTC)
PACKAGES = {"small": 60, "medium": 150, "large": 300, "jumbo": 600}
_numbers = itertools.count(1)


@dataclass
class Story:
    """One workspace; `now` is the business time of what happens next."""

    db: Connection
    workspace_id: str = field(default_factory=lambda: f"w{next(_numbers)}-{uuid.uuid4().hex[:8]}")
    now: datetime = START
    actor: str = "tester"
    lots: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Sign up."""
        ledger.create_workspace(
            self.db,
            self.workspace_id,
            name="Acme",
            owner_email="owner@example.com",
            actor=self.actor,
            at=self.now,
        )

    def key(self) -> str:
        """A key that was never used."""
        return f"key-{next(_numbers)}"

    def later(self, **time: float) -> Story:
        """Let time pass."""
        self.now += timedelta(**time)
        return self

    def plan(self, plan: str = "starter", billing_cycle: str = "monthly") -> ledger.Balance:
        """Buy a plan."""
        return ledger.update_plan_allocation(
            self.db, self.workspace_id, plan, billing_cycle, key=self.key(), actor=self.actor, at=self.now
        )

    def gets(self, minutes: int, name: str = "") -> ledger.Lot:
        """Be granted minutes by hand."""
        lot = ledger.grant_minutes(
            self.db,
            self.workspace_id,
            minutes,
            reason="goodwill",
            key=self.key(),
            actor=self.actor,
            at=self.now,
        )
        self.lots[name] = lot.lot_id
        return lot

    def buys(self, package: str) -> ledger.Lot:
        """Have a paid package credited, as the payment code does once Stripe says so."""
        lot = credit_purchase(
            self.db,
            self.workspace_id,
            PACKAGES[package],
            purchase_id=self.purchase(),
            key=self.key(),
            actor="stripe",
            at=self.now,
        )
        self.lots[package] = lot.lot_id
        return lot

    def purchase(self) -> uuid.UUID:
        """Record a bare purchase row for the lot to point at."""
        purchase_id = uuid.uuid4()
        self.db.execute(
            text(
                "INSERT INTO extra_minutes_purchases (workspace_id, purchase_id, key, body, source, package, package_version, "
                "package_arm, package_name, minutes, amount_cents, currency, actor, created_at, attempted_at) "
                "VALUES (:w, :p, :k, '{}', 'sandbox', 'small', 1, 'standard', 'Small', 60, 999, 'usd', 'tester', :at, :at)"
            ),
            {"w": self.workspace_id, "p": purchase_id, "k": str(purchase_id), "at": self.now},
        )
        return purchase_id

    def uses(
        self,
        minutes: int,
        *,
        key: str | None = None,
        at: datetime | None = None,
        all_or_nothing: bool = False,
    ) -> ledger.Use:
        """Use minutes."""
        return ledger.track_minutes(
            self.db,
            self.workspace_id,
            minutes,
            key=key or self.key(),
            at=at or self.now,
            require_full=all_or_nothing,
        )

    def voids(self, lot: str, minutes: int | None = None) -> ledger.Entry:
        """Have unused minutes of a lot taken out by hand."""
        return ledger.void_minutes(
            self.db,
            self.workspace_id,
            self.lots[lot],
            minutes,
            reason="mistake",
            key=self.key(),
            actor=self.actor,
            at=self.now,
        )

    def loses(self, lot: str, minutes: int, kind: str = "refund") -> int:
        """Have minutes taken back because money left; returns the minutes booked."""
        return take_back(
            self.db,
            self.workspace_id,
            self.lots[lot],
            minutes,
            kind=kind,
            key=self.key(),
            actor="stripe",
            at=self.now,
            reason="money left",
        )

    def regains(self, lot: str, minutes: int) -> ledger.Entry:
        """Have taken minutes given back."""
        return restore_minutes(
            self.db,
            self.workspace_id,
            self.lots[lot],
            minutes,
            key=self.key(),
            actor="stripe",
            at=self.now,
            reason="refund failed",
        )

    @property
    def balance(self) -> tuple[int, int]:
        """Plan minutes and extra minutes left."""
        balance = ledger.get_balance(self.db, self.workspace_id)
        return balance.plan_minutes, balance.extra_minutes

    def left(self, lot: str) -> int:
        """Minutes that a named lot still holds."""
        (result,) = [
            each for each in ledger.list_lots(self.db, self.workspace_id) if each.lot_id == self.lots[lot]
        ]
        return result.remaining

    def crossed(self) -> list[tuple[int, str]]:
        """What was crossed, as (epoch, kind), in order."""
        rows = self.db.execute(
            text(
                'SELECT epoch, kind FROM usage_alerts WHERE workspace_id = :w ORDER BY epoch, entry_no, kind COLLATE "C" DESC'
            ),
            {"w": self.workspace_id},
        )
        return [(epoch, kind) for epoch, kind in rows]
