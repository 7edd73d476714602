"""Preview of a refund: its effect on money and minutes."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection

from ledger.database import query
from ledger.minutes.balances import get_balance
from ledger.money import amount_text
from ledger.payments.errors import NotRefundable, RefundExceedsPayment
from ledger.payments.free_purchases import is_free
from ledger.payments.purchases import Purchase, get_purchase, purchase_lot
from ledger.payments.settlement import minutes_to_take_back

REFUNDABLE = ("paid", "partially_refunded")


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundChoice:
    """The effect of refunding one amount, in cents and whole minutes."""

    name: str
    """`unused` (the unused part), `full`, or `custom` (the amount that the caller named)."""
    amount_cents: int
    minutes_due: int
    """Minutes to take back for this amount."""
    minutes_taken: int
    """Minutes that can be taken back: at most what remains in the lot."""
    shortfall_minutes: int
    extra_minutes_after: int
    """Extra minutes of the workspace afterwards."""
    revenue_cents_after: int
    """What remains of the payment afterwards, before fees."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundQuote:
    """A purchase before a refund: `unused_minutes` remain in its lot. The choices are in order of amount."""

    purchase: Purchase
    used_minutes: int
    unused_minutes: int
    refundable_cents: int
    choices: tuple[RefundChoice, ...]


def quote_refund(
    db: Connection, workspace_id: str, purchase_id: UUID, *, amount_cents: int | None = None
) -> RefundQuote:
    """Return the effect of a refund of the unused part, of the full amount, and of `amount_cents`.

    Raises `UnknownPurchase`, `NotRefundable`, `RefundExceedsPayment`.
    """
    purchase = get_purchase(db, workspace_id, purchase_id)
    refundable = refundable_cents(db, purchase)
    if amount_cents is not None and not 0 < amount_cents <= refundable:
        raise RefundExceedsPayment(f"At most {amount_text(refundable, purchase.currency)}.")
    lot = purchase_lot(db, purchase)
    unused = lot.remaining if lot else purchase.minutes
    extra = get_balance(db, workspace_id).extra_minutes
    amounts = {
        "unused": _cents_of_unused(purchase, unused, refundable=refundable),
        "full": refundable,
        "custom": amount_cents or 0,
    }
    choices = [
        _choice(name, cents, purchase, refundable=refundable, unused=unused, extra=extra)
        for name, cents in amounts.items()
        if cents
    ]
    return RefundQuote(
        purchase=purchase,
        used_minutes=lot.drawn if lot else 0,
        unused_minutes=unused,
        refundable_cents=refundable,
        choices=tuple(sorted(choices, key=lambda choice: choice.amount_cents)),
    )


def refundable_cents(db: Connection, purchase: Purchase) -> int:
    """Return what may still be refunded, in cents. Raise `NotRefundable`."""
    if purchase.status not in REFUNDABLE:
        raise NotRefundable(f"It is {purchase.status}.")
    if is_free(purchase):
        raise NotRefundable("A promotion code paid for it: nothing was charged.")
    key = {"workspace_id": purchase.workspace_id, "purchase_id": purchase.purchase_id}
    on_hold_cents: int = db.execute(query("held_refund_cents"), key).scalar_one()
    return purchase.refundable_cents - on_hold_cents


def cents_of_minutes(target_minutes: int, *, minutes: int, amount_cents: int) -> int:
    """Return the smallest refund that takes back `target_minutes`: money rounds up where minutes round down."""
    return -(-amount_cents * target_minutes // minutes)


def _cents_of_unused(purchase: Purchase, unused: int, *, refundable: int) -> int:
    """Return the refund after which exactly the unused minutes are gone, whatever was refunded before."""
    target = min(purchase.minutes, purchase.taken_back_minutes + purchase.shortfall_minutes + unused)
    gone = purchase.charged_cents - refundable
    total = cents_of_minutes(target, minutes=purchase.minutes, amount_cents=purchase.charged_cents)
    return min(refundable, max(0, total - gone)) if unused else 0


def _choice(
    name: str, cents: int, purchase: Purchase, *, refundable: int, unused: int, extra: int
) -> RefundChoice:
    gone = purchase.charged_cents - refundable + cents
    target = minutes_to_take_back(purchase.minutes, purchase.charged_cents, gone, disputed=False)
    due = max(0, target - purchase.taken_back_minutes - purchase.shortfall_minutes)
    taken = min(unused, max(0, target - purchase.taken_back_minutes))
    return RefundChoice(
        name=name,
        amount_cents=cents,
        minutes_due=due,
        minutes_taken=taken,
        shortfall_minutes=target - purchase.taken_back_minutes - taken,
        extra_minutes_after=extra - taken,
        revenue_cents_after=refundable - cents,
    )
