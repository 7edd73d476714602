"""Refund a purchase, within limits or with approval."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from dashboard import installation
from dashboard.access import Operator
from dashboard.actions.acting import Acting, ActionResult, acting, balances, needs
from dashboard.actions.grants import request_uuid
from dashboard.clock import present
from dashboard.installation import current
from dashboard.text import counted, money
from ledger.desk import approvals, audit, staff
from ledger.payments import Purchase, get_purchase, refunds
from ledger.stripe_gateway import Gateway
from ledger.validation import require_text


@needs("refund_purchases")
def refund_purchase(
    operator: Operator, workspace_id: str, purchase_id: UUID, amount_cents: int, *, reason: str, key: str
) -> ActionResult:
    """Refund part or all of a purchase, or request approval above the role's limit; minutes follow the quote.

    One transaction reserves the minutes and writes the audit line; the call to Stripe follows outside of it. A repeated
    key continues the same refund. Raises NotAllowed, NotRefundable, RefundExceedsPayment, and of Stripe
    GatewayRefused (nothing refunded) or GatewayUnavailable (the worker asks again).
    """
    require_text(reason, "reason")
    with acting(operator, key) as act:
        if act.seen("ask_refund"):
            return ActionResult("Approval for this refund was already requested.", repeated=True)
        gateway = current().gateway_of(act.db, workspace_id)
        repeated = act.seen("refund") is not None
        if not repeated:
            purchase = get_purchase(act.db, workspace_id, purchase_id)
            if why := refund_above_limit(act.db, operator, amount_cents, purchase.currency, at=act.at):
                return _ask(act, purchase, amount_cents, reason, why)
            hold(
                act,
                gateway,
                purchase,
                amount_cents,
                reason=reason,
                key=key,
                actor=operator.actor,
                action="refund",
            )
    refunded = send(
        gateway, workspace_id, purchase_id, amount_cents, reason=reason, key=key, actor=operator.actor
    )
    return ActionResult(sentence(refunded, amount_cents), repeated=repeated)


def hold(
    act: Acting,
    gateway: Gateway,
    purchase: Purchase,
    cents: int,
    *,
    reason: str,
    key: str,
    actor: str,
    action: str,
) -> None:
    """Write the refund request, its reserved minutes and the audit line in the transaction of the action."""
    in_currency = {"currency": purchase.currency}
    before = balances(act.db, purchase.workspace_id)
    request = refunds.request_refund(
        act.db,
        gateway.source,
        purchase.workspace_id,
        purchase.purchase_id,
        cents,
        reason=reason,
        key=f"staff:{key}",
        actor=actor,
        at=act.at,
    )
    act.record(
        action,
        workspace_id=purchase.workspace_id,
        subject=f"purchase {purchase.purchase_id}",
        minutes=-request.held_minutes,
        amount_cents=cents,
        before=before | in_currency,
        after=balances(act.db, purchase.workspace_id) | in_currency,
        reason=reason,
    )


def send(
    gateway: Gateway, workspace_id: str, purchase_id: UUID, cents: int, *, reason: str, key: str, actor: str
) -> Purchase:
    """Refund a committed request at Stripe and book the result."""
    return refunds.refund_purchase(
        installation.engine(),
        gateway,
        workspace_id,
        purchase_id,
        cents,
        reason=reason,
        key=f"staff:{key}",
        actor=actor,
        at=present(),
    )


def sentence(purchase: Purchase, cents: int) -> str:
    """Return what a refund did, for the person who clicked."""
    return counted(
        purchase.taken_back_minutes,
        "{money} refunded. {n} minute of this purchase taken back so far.",
        "{money} refunded. {n} minutes of this purchase taken back so far.",
        money=money(cents, purchase.currency),
    )


def refund_above_limit(
    db: Connection, operator: Operator, cents: int, currency: str, *, at: datetime
) -> str | None:
    """Return why a refund needs a second person; None when the role may send it alone."""
    limit = staff.limits(db)[operator.role]
    if cents > limit.cents_per_refund:
        return f"above your limit of {money(limit.cents_per_refund, currency)} for one refund"
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    _minutes, given = audit.granted_since(db, operator.actor, midnight)
    if given + cents > limit.cents_per_day:
        return f"above your limit of {money(limit.cents_per_day, currency)} a day"
    return None


def _ask(act: Acting, purchase: Purchase, cents: int, reason: str, why: str) -> ActionResult:
    approval_id = request_uuid(act.request_id)
    approvals.request_approval(
        act.db,
        approval_id,
        action="refund",
        workspace_id=purchase.workspace_id,
        body={"purchase_id": purchase.purchase_id, "currency": purchase.currency},
        amount_cents=cents,
        reason=reason,
        actor=act.operator.actor,
        role=act.operator.role,
        at=act.at,
    )
    act.record(
        "ask_refund",
        workspace_id=purchase.workspace_id,
        subject=str(approval_id),
        amount_cents=cents,
        after={"currency": purchase.currency},
        reason=reason,
    )
    shown = money(cents, purchase.currency)
    return ActionResult(f"Approval requested: {shown} is {why}.", approval_id)
