"""Differences between Stripe and the ledger, as a comparison reports them."""

from dataclasses import dataclass

from ledger.payments.purchases import Purchase


@dataclass(frozen=True, slots=True, kw_only=True)
class BookDifference:
    """One difference with its workspace and a proposed fix; `repaired` if a sync resolved it."""

    kind: str
    workspace_id: str | None
    purchase_id: str | None
    payment_intent: str | None
    detail: str
    proposal: str
    repaired: bool = False
    invoice: str | None = None
    subscription: str | None = None


def not_paid(purchase: Purchase, why: str) -> BookDifference:
    """Return the finding for minutes without money; staff decide on its proposal."""
    proposal = f"Void what remains of lot {purchase.lot_id} of this workspace, after asking Stripe"
    detail = f"{why}, but {purchase.minutes} minutes were credited"
    return finding_of("credited_not_paid", purchase, purchase.payment_intent, detail, proposal)


def finding_of(
    kind: str, purchase: Purchase | None, intent: str | None, detail: str, proposal: str
) -> BookDifference:
    """Return a difference of a payment or its purchase."""
    return BookDifference(
        kind=kind,
        workspace_id=purchase.workspace_id if purchase else None,
        purchase_id=str(purchase.purchase_id) if purchase else None,
        payment_intent=intent,
        detail=detail,
        proposal=proposal,
    )
