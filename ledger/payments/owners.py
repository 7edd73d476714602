"""Owners of Stripe subscriptions: linked before, named by metadata, or through the linked customer."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from ledger.database import query
from ledger.errors import UnknownWorkspace
from ledger.minutes.workspaces import get_workspace
from ledger.payments.alerts import end_alert, raise_alert
from ledger.payments.errors import LinkConflict, NotKnownYet
from ledger.payments.purchases import owner_of
from ledger.stripe_gateway import SubscriptionFacts
from ledger.validation import require_business_time

GIVING = ("active", "past_due", "unpaid", "trialing")
"""States in which the customer has paid or expects minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StripeLink:
    """Stripe objects of a workspace, and the start of its billing (None: its creation)."""

    workspace_id: str
    customers: tuple[str, ...]
    subscriptions: tuple[str, ...]
    starts_at: datetime | None


def workspace_of_subscription(db: Connection, facts: SubscriptionFacts) -> str:
    """Return the workspace that a subscription pays for. Raises `NotKnownYet`; its event then waits."""
    owner = owner_of(db, [facts.subscription])
    if owner is not None:
        return owner.workspace_id
    named = facts.metadata.get("workspace_id")
    if named:
        try:
            return get_workspace(db, named).workspace_id
        except UnknownWorkspace:
            pass
    owner = owner_of(db, [facts.customer])
    if owner is not None:
        return owner.workspace_id
    names = f"names workspace {named[:64]!r}, which does not exist" if named else "names no workspace"
    raise NotKnownYet(
        f"Subscription {facts.subscription} {names}.",
        subscription=facts.subscription,
        customer=facts.customer,
        named=named,
        paid=facts.status in GIVING,
    )


def show_ownerless(db: Connection, problem: NotKnownYet, *, at: datetime) -> None:
    """Open the alert of a paid subscription without a known workspace."""
    if problem.paid and problem.subscription:
        detail = (
            f"Paid, names no workspace: customer {problem.customer or 'unknown'}. Link the customer or the "
            "subscription to a workspace; its minutes are then credited automatically"
        )
        raise_alert(db, "no_workspace", problem.subscription, detail=detail, workspace_id=None, at=at)


def end_ownerless(db: Connection, subscription: str, workspace_id: str, *, at: datetime) -> None:
    """Close that alert once the subscription has a workspace."""
    end_alert(db, "no_workspace", subscription, because=f"it belongs to workspace {workspace_id}", at=at)


def link_stripe(
    db: Connection,
    workspace_id: str,
    *,
    customer_id: str | None = None,
    subscription_id: str | None = None,
    actor: str,
    at: datetime,
) -> StripeLink:
    """Link a Stripe customer or subscription to a workspace; waiting events run again.

    Repeating a link changes nothing. Raises `UnknownWorkspace`, and `LinkConflict` when another workspace has it.
    """
    at = require_business_time(at)
    get_workspace(db, workspace_id)
    ids = {"customer": customer_id, "subscription": subscription_id}
    if not any(ids.values()):
        raise LinkConflict("Enter a Stripe customer or subscription.", what="customer")
    for kind, object_id in ids.items():
        if object_id and not object_id.startswith("cus_" if kind == "customer" else "sub_"):
            raise LinkConflict(f"{object_id[:40]!r} is not a Stripe {kind} id.", what=kind)
    rows = [
        {"object_id": each, "kind": kind, "workspace_id": workspace_id, "linked_by": actor}
        for kind, each in ids.items()
        if each
    ]
    db.execute(query("link_payment_object"), rows)
    for kind, object_id in ids.items():
        owner = owner_of(db, [object_id]) if object_id else None
        if owner is not None and owner.workspace_id != workspace_id:
            raise LinkConflict(f"{object_id} belongs to workspace {owner.workspace_id}.", what=kind)
    wake_events(db, [each for each in ids.values() if each], at=at)
    return stripe_link(db, workspace_id)


def stripe_link(db: Connection, workspace_id: str) -> StripeLink:
    """Return the Stripe links of a workspace."""
    rows = db.execute(query("stripe_links_of"), {"workspace_id": workspace_id}).all()
    return StripeLink(
        workspace_id=workspace_id,
        customers=tuple(row.object_id for row in rows if row.kind == "customer"),
        subscriptions=tuple(row.object_id for row in rows if row.kind == "subscription"),
        starts_at=rows[0].starts_at if rows else None,
    )


def wake_events(db: Connection, ids: list[str], *, at: datetime) -> int:
    """Run events again that wait for one of these ids. Return their number."""
    return db.execute(query("wake_events"), {"ids": ids, "at": at}).rowcount
