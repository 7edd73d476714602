"""Purchases of extra minutes: our own rows, written before Stripe is called. Nothing here calls Stripe."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from sqlalchemy import Connection, RowMapping

from ledger.database import query
from ledger.errors import KeyReused, UnknownPackage, UnknownWorkspace
from ledger.payments.catalogue import Package, list_packages, package_facts
from ledger.payments.errors import UnknownPurchase, WrongSource
from ledger.payments.purchase_events import emit_purchase_events
from ledger.validation import require_business_time, require_key

WAITING = ("requires_payment", "requires_action", "processing")
"""States in which the customer or the bank must act."""

PAID = ("paid", "partially_refunded", "refunded", "disputed")
"""States of purchases that were paid, also if refunded later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """One purchase: the agreed terms, Stripe's state of it, and its effect on minutes.

    Amounts are cents of `currency` (`fee_cents`: of `fee_currency`, None while unknown), minutes whole.
    """

    workspace_id: str
    purchase_id: UUID
    source: str
    package: str
    package_version: int
    package_arm: str
    package_name: str
    minutes: int
    amount_cents: int
    currency: str
    actor: str
    created_at: datetime
    status: str
    attempt: int
    attempt_key: str | None
    attempted_at: datetime
    payment_intent: str | None
    checkout_session: str | None
    charge: str | None
    customer: str | None
    receipt_number: str | None
    receipt_url: str | None
    failure_code: str | None
    failure_message: str | None
    paid_at: datetime | None
    fee_cents: int | None
    fee_currency: str | None
    tax_cents: int
    discount_cents: int
    refunded_cents: int
    refunded_at: datetime | None
    dispute_status: str | None
    disputed_at: datetime | None
    synced_at: datetime | None
    lot_id: int | None
    taken_back_minutes: int
    shortfall_minutes: int
    bookings: int
    client_secret: str | None = field(default=None, repr=False, compare=False)
    """For the customer's browser, on the answer to buy and retry only; never stored."""
    checkout_url: str | None = field(default=None, repr=False, compare=False)
    """Stripe's payment page, on the answer to start_checkout only."""

    @classmethod
    def of(cls, row: RowMapping) -> Self:
        """Return the purchase of a row, ignoring further columns."""
        return cls(**{column.name: row[column.name] for column in fields(cls) if column.name in row})

    @property
    def is_credited(self) -> bool:
        """Whether its minutes are credited."""
        return self.lot_id is not None

    @property
    def refundable_cents(self) -> int:
        """The amount that can still be refunded."""
        return self.charged_cents - self.refunded_cents if self.paid_at else 0

    @property
    def charged_cents(self) -> int:
        """What the customer pays: the price, less the discount, plus tax."""
        return self.amount_cents - self.discount_cents + self.tax_cents


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseLot:
    """The minutes of one purchase: bought, used, taken back or voided, and what remains."""

    lot_id: int
    minutes: int
    drawn: int
    voided: int
    remaining: int


def new_purchase_id(workspace_id: str, key: str, at: datetime) -> UUID:
    """Return a version 7 uuid, ordered by `at` and equal for the same purchase, so that histories are reproducible."""
    noise = int.from_bytes(hashlib.sha256(f"{workspace_id}\n{key}".encode()).digest()[:10])
    milliseconds = int(at.timestamp() * 1000)
    high = milliseconds << 80 | 0x7 << 76 | (noise >> 62 & 0xFFF) << 64
    return UUID(int=high | 0b10 << 62 | noise & (1 << 62) - 1)


def place_purchase(
    db: Connection,
    workspace_id: str,
    package: str,
    *,
    mode: str,
    key: str,
    actor: str,
    at: datetime,
    body: Mapping[str, Any] | None = None,
) -> Purchase:
    """Store a purchase at the price on offer to the workspace at `at`. Nothing is paid or credited yet.

    `mode`: source of the gateway that will charge. `body`: further parameters of the key.
    Same key and same package and body: the first row. Raises `UnknownWorkspace`, `UnknownPackage`,
    `KeyReused`, `WrongSource`.
    """
    key, at = require_key(key), require_business_time(at)
    agreed = {"package": package, **(body or {})}
    source = source_of(db, workspace_id)
    require_source(source, mode)
    if (first := _purchase_of_key(db, workspace_id, key, agreed)) is not None:
        return first
    offer = _offer(db, workspace_id, package, at)
    purchase_id = new_purchase_id(workspace_id, key, at)
    row: dict[str, Any] = package_facts(offer) | {
        "workspace_id": workspace_id,
        "purchase_id": purchase_id,
        "key": key,
        "body": json.dumps(agreed),
        "source": source,
        "actor": actor,
        "at": at,
    }
    stored = db.execute(query("add_purchase"), row).mappings().one_or_none()
    if stored is None:  # the same key, at the same moment, elsewhere
        return _purchase_of_key(db, workspace_id, key, agreed) or get_purchase(db, workspace_id, purchase_id)
    purchase = Purchase.of(stored)
    remember_objects(db, workspace_id, purchase_id, {"purchase": str(purchase_id)})
    return purchase


def _offer(db: Connection, workspace_id: str, package: str, at: datetime) -> Package:
    for offer in list_packages(db, workspace_id, at=at):
        if offer.code == package:
            return offer
    raise UnknownPackage(repr(package)[:60])


def source_of(db: Connection, workspace_id: str) -> str:
    """Return the source of a workspace. Raises `UnknownWorkspace`."""
    source = db.execute(query("workspace_source"), {"workspace_id": workspace_id}).scalar_one_or_none()
    if source is None:
        raise UnknownWorkspace(repr(workspace_id))
    return str(source)


def require_source(source: str, mode: str) -> None:
    """Raise `WrongSource` unless a workspace of `source` buys in `mode` (demo: in the sandbox)."""
    if mode != ("sandbox" if source == "demo" else source):
        detail = f"It is of {source}, the payment mode is {mode}; simulate on a copy."
        raise WrongSource(detail)


def get_purchase(db: Connection, workspace_id: str, purchase_id: UUID) -> Purchase:
    """Return one purchase. Raises `UnknownPurchase`."""
    return _one(db, "get_purchase", workspace_id, purchase_id)


def lock_purchase(db: Connection, workspace_id: str, purchase_id: UUID) -> Purchase:
    """Return one purchase, locked until the transaction ends."""
    return _one(db, "lock_purchase", workspace_id, purchase_id)


def find_purchase(db: Connection, purchase_id: UUID) -> Purchase:
    """Return a purchase by its own id alone. Raises `UnknownPurchase`."""
    owner = owner_of(db, [str(purchase_id)])
    if owner is None or owner.purchase_id is None:
        raise UnknownPurchase(str(purchase_id))
    return get_purchase(db, owner.workspace_id, owner.purchase_id)


def list_purchases(
    db: Connection,
    workspace_id: str,
    *,
    before: UUID | None = None,
    limit: int = 100,
    status: str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
) -> list[Purchase]:
    """Return purchases of a workspace, newest first; `before` is the last one of the previous page.

    `status`, and the times when they were begun (from `start` on, before `end`) select purchases.
    """
    selected = {"status": status, "start": start, "end": end}
    page = {"workspace_id": workspace_id, "before": before, "limit": limit, **selected}
    return [Purchase.of(row) for row in db.execute(query("list_purchases"), page).mappings()]


def purchase_lot(db: Connection, purchase: Purchase) -> PurchaseLot | None:
    """Return the minutes of a purchase, or None before they are credited."""
    row = db.execute(query("purchase_lot"), _key(purchase)).mappings().one_or_none()
    return None if row is None else PurchaseLot(**row)


def save_purchase(db: Connection, purchase: Purchase) -> Purchase:
    """Store the changes of a locked purchase, and emit an event for a new state."""
    before = db.execute(query("purchase_state"), _key(purchase)).one()
    db.execute(query("save_purchase"), asdict(purchase))
    emit_purchase_events(db, before, purchase)
    return purchase


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """The owner of a Stripe id."""

    object_id: str
    kind: str
    workspace_id: str
    purchase_id: UUID | None


def owner_of(db: Connection, object_ids: Iterable[str | None]) -> Owner | None:
    """Return the owner of the first known id; None when all are unknown."""
    known = {"object_ids": [each for each in object_ids if each]}
    row = db.execute(query("owner_of_objects"), known).mappings().one_or_none()
    return None if row is None else Owner(**row)


def remember_objects(
    db: Connection, workspace_id: str, purchase_id: UUID | None, ids: Mapping[str, str | None]
) -> None:
    """Store the owner of Stripe ids (kind -> id); the first owner of an id stays its owner."""
    rows = [
        {"object_id": object_id, "kind": kind, "workspace_id": workspace_id, "purchase_id": purchase_id}
        for kind, object_id in sorted(ids.items())
        if object_id
    ]
    if rows:
        db.execute(query("add_payment_object"), rows)


def _one(db: Connection, name: str, workspace_id: str, purchase_id: UUID) -> Purchase:
    key = {"workspace_id": workspace_id, "purchase_id": purchase_id}
    row = db.execute(query(name), key).mappings().one_or_none()
    if row is None:
        raise UnknownPurchase(str(purchase_id))
    return Purchase.of(row)


def _purchase_of_key(
    db: Connection, workspace_id: str, key: str, agreed: Mapping[str, Any]
) -> Purchase | None:
    row = (
        db.execute(query("purchase_of_key"), {"workspace_id": workspace_id, "key": key})
        .mappings()
        .one_or_none()
    )
    if row is None:
        return None
    if row["body"] != agreed:
        raise KeyReused(repr(key))
    return Purchase.of(row)


def _key(purchase: Purchase) -> dict[str, Any]:
    return {"workspace_id": purchase.workspace_id, "purchase_id": purchase.purchase_id}
