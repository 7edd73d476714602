"""Differences between Stripe and the ledger, as a comparison reports them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class BookDifference:
    """One difference with its workspace and a proposal; `repaired` when a sync resolved it."""

    kind: str
    workspace_id: str | None
    purchase_id: str | None
    payment_intent: str | None
    detail: str
    proposal: str
    repaired: bool = False
    invoice: str | None = None
    subscription: str | None = None
