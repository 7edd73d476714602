"""Credits and their reversals: grants, purchases, voids, refunds, disputes and restores."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ledger.database import call
from ledger.errors import UnknownLot
from ledger.idempotency import WriteResult, idempotent
from ledger.minutes.balances import Entry, Lot, get_entry, get_lot
from ledger.validation import require_business_time, require_key, require_minutes, require_text

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import Connection


def grant_minutes(
    db: Connection, workspace_id: str, minutes: int, *, reason: str, key: str, actor: str, at: datetime
) -> Lot:
    """Grant minutes by hand: a lot of kind grant in the extra pool. A repeat returns the lot as it was made.

    Raises UnknownWorkspace, InvalidMinutes, InvalidText (no reason), InvalidKey, InvalidTime, KeyReused.
    """
    require_text(reason, "reason")
    return _credit(
        db,
        workspace_id,
        minutes,
        kind="grant",
        purchase_id=None,
        key=key,
        actor=actor,
        at=at,
        reason=reason,
        reference=None,
    )


def credit_purchase(
    db: Connection,
    workspace_id: str,
    minutes: int,
    *,
    purchase_id: UUID,
    key: str,
    actor: str,
    at: datetime,
    reference: str | None = None,
) -> Lot:
    """Credit a paid package: a lot of kind purchase. `at`, the time of payment, decides its place in the order of use.

    `reference`: an id for people to look up, such as the Stripe payment. Raises as `grant_minutes`.
    """
    return _credit(
        db,
        workspace_id,
        minutes,
        kind="purchase",
        purchase_id=purchase_id,
        key=key,
        actor=actor,
        at=at,
        reason=None,
        reference=reference,
    )


def _credit(
    db: Connection,
    workspace_id: str,
    minutes: int,
    *,
    kind: str,
    purchase_id: UUID | None,
    key: str,
    actor: str,
    at: datetime,
    reason: str | None,
    reference: str | None,
) -> Lot:
    binds = {
        "workspace_id": workspace_id,
        "kind": kind,
        "minutes": require_minutes(minutes),
        "purchase_id": purchase_id,
        "key": require_key(key),
        "at": require_business_time(at),
        "actor": require_text(actor, "actor"),
        "reason": reason,
        "reference": reference,
    }
    body = {
        "minutes": minutes,
        "reason": reason,
        "reference": reference,
        "purchase_id": purchase_id and str(purchase_id),
    }

    def write() -> WriteResult:
        lot_id = call(db, "add_lot", binds)
        return WriteResult(entry_no=_lot(db, workspace_id, lot_id).entry_no, lot_id=lot_id)

    done = idempotent(db, workspace_id, kind, key, body=body, write=write)
    lot = _lot(db, workspace_id, done.lot_id)
    return replace(lot, drawn=0, voided=0, remaining=lot.minutes)


def void_minutes(
    db: Connection,
    workspace_id: str,
    lot_id: int,
    minutes: int | None = None,
    *,
    reason: str,
    key: str,
    actor: str,
    at: datetime,
) -> Entry:
    """Void unused minutes of one lot by hand.

    `minutes` None: all that remains, sized under the lock; an entry of 0 when nothing is left.
    Raises UnknownWorkspace, UnknownLot, InsufficientMinutes (the lot holds less), InvalidText, KeyReused, ...
    """
    require_text(reason, "reason")
    if minutes is not None:
        require_minutes(minutes)
    return _take(
        db,
        workspace_id,
        lot_id,
        minutes,
        strict=True,
        kind="void",
        key=key,
        actor=actor,
        at=at,
        reason=reason,
        reference=None,
    )


def take_back(
    db: Connection,
    workspace_id: str,
    lot_id: int,
    minutes: int,
    *,
    kind: str,
    key: str,
    actor: str,
    at: datetime,
    reason: str,
    reference: str | None = None,
) -> int:
    """Take minutes back after a refund or dispute (`kind`): at most what remains in the lot.

    Returns the minutes booked; the caller stores the rest as a shortfall. Raises UnknownLot, KeyReused, ...
    """
    if kind not in ("refund", "dispute"):
        raise ValueError(kind)
    entry = _take(
        db,
        workspace_id,
        lot_id,
        require_minutes(minutes),
        strict=False,
        kind=kind,
        key=key,
        actor=actor,
        at=at,
        reason=require_text(reason, "reason"),
        reference=reference,
    )
    return entry.minutes


def _take(
    db: Connection,
    workspace_id: str,
    lot_id: int,
    minutes: int | None,
    *,
    strict: bool,
    kind: str,
    key: str,
    actor: str,
    at: datetime,
    reason: str,
    reference: str | None,
) -> Entry:
    binds = {
        "workspace_id": workspace_id,
        "lot_id": _lot_number(lot_id),
        "minutes": minutes,
        "strict": strict,
        "kind": kind,
        "key": require_key(key),
        "at": require_business_time(at),
        "actor": require_text(actor, "actor"),
        "reason": reason,
        "reference": reference,
    }
    body = {"lot_id": lot_id, "minutes": minutes, "reason": reason, "reference": reference}

    def write() -> WriteResult:
        return WriteResult(entry_no=call(db, "take_from_lot", binds), lot_id=lot_id)

    done = idempotent(db, workspace_id, kind, key, body=body, write=write)
    return get_entry(db, workspace_id, done.entry_no)


def restore_minutes(
    db: Connection,
    workspace_id: str,
    lot_id: int,
    minutes: int,
    *,
    key: str,
    actor: str,
    at: datetime,
    reason: str,
    reference: str | None = None,
) -> Entry:
    """Restore minutes taken from a lot (refund failed, dispute won); the gauge base rises, no epoch opens.

    Raises UnknownWorkspace, UnknownLot, InsufficientMinutes (less was taken), KeyReused, ...
    """
    binds = {
        "workspace_id": workspace_id,
        "lot_id": _lot_number(lot_id),
        "minutes": require_minutes(minutes),
        "key": require_key(key),
        "at": require_business_time(at),
        "actor": require_text(actor, "actor"),
        "reason": require_text(reason, "reason"),
        "reference": reference,
    }
    body = {"lot_id": lot_id, "minutes": minutes, "reason": reason, "reference": reference}

    def write() -> WriteResult:
        return WriteResult(entry_no=call(db, "give_back", binds), lot_id=lot_id)

    done = idempotent(db, workspace_id, "restore", key, body=body, write=write)
    return get_entry(db, workspace_id, done.entry_no)


def _lot_number(lot_id: int) -> int:
    if type(lot_id) is not int or not 0 < lot_id < 2**63:
        raise UnknownLot(repr(lot_id)[:60])
    return lot_id


def _lot(db: Connection, workspace_id: str, lot_id: int | None) -> Lot:
    lot = get_lot(db, workspace_id, lot_id or 0)
    if lot is None:
        raise UnknownLot(str(lot_id))
    return lot
