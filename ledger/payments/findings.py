"""Differences between Stripe's books and ours, as a comparison reports them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class BookDifference:
    """One difference: what is off, about whom, and what to do; `repaired` when a sync has settled it."""

    kind: str
    workspace_id: str | None
    purchase_id: str | None
    payment_intent: str | None
    detail: str
    proposal: str
    repaired: bool = False
    invoice: str | None = None
    subscription: str | None = None
