"""A second person approves or rejects a request."""

from uuid import UUID

from dashboard.access import Operator
from dashboard.actions.acting import Acting, ActionResult, acting, needs
from dashboard.actions.grants import book
from dashboard.actions.power import carry_out, clear_away
from dashboard.actions.refunds import hold, send, sentence
from dashboard.installation import current
from dashboard.text import counted
from ledger.desk import Approval, approvals, bulk_grants
from ledger.payments import get_purchase


@needs("decide_approvals")
def decide(operator: Operator, approval_id: UUID, *, accepted: bool, reason: str = "") -> ActionResult:
    """Approve a request and carry it out, or reject it, in one transaction; a refund then goes to Stripe.

    Raises NotAllowed, UnknownApproval, AlreadyDecided, SecondPersonNeeded, and what the ledger or Stripe refuses.
    """
    with acting(operator, f"approval:{approval_id}") as act:
        approval = approvals.lock_waiting(act.db, approval_id, decided_by=operator.actor)
        approvals.decide(
            act.db, approval_id, accepted=accepted, decided_by=operator.actor, reason=reason, at=act.at
        )
        if not accepted:
            _rejected(act, approval, reason)
            clear_away(act, approval)
            return ActionResult("Request rejected. Nothing changed.")
        if approval.action == "grant":
            return _grant(act, approval, str(approval.workspace_id))
        if approval.action == "batch":
            return _batch(act, approval)
        if approval.action in ("limits", "staff", "api_key", "webhook_endpoint", "alert_subscription"):
            return carry_out(act, approval)
        gateway = current().gateway_of(act.db, str(approval.workspace_id))
        purchase = get_purchase(act.db, str(approval.workspace_id), UUID(approval.body["purchase_id"]))
        words = {"reason": approval.reason, "key": str(approval_id), "actor": approval.requested_by}
        hold(act, gateway, purchase, approval.amount_cents, action="approve_refund", **words)
    refunded = send(gateway, purchase.workspace_id, purchase.purchase_id, approval.amount_cents, **words)
    return ActionResult("Approved. " + sentence(refunded, approval.amount_cents))


def _rejected(act: Acting, approval: Approval, reason: str) -> None:
    act.record(
        "reject",
        workspace_id=approval.workspace_id,
        subject=f"{approval.action} requested by {approval.requested_by}",
        minutes=approval.minutes,
        amount_cents=approval.amount_cents,
        after={name: value for name, value in approval.body.items() if name == "currency"},
        reason=reason,
    )


def _batch(act: Acting, approval: Approval) -> ActionResult:
    batch = bulk_grants.get_batch(act.db, approval.approval_id)
    bulk_grants.approve_batch(act.db, batch.batch_id, actor=act.operator.actor)
    act.record(
        "approve_batch",
        subject=f"batch {batch.batch_id}, requested by {approval.requested_by}",
        minutes=approval.minutes,
        reason=approval.reason,
    )
    return ActionResult(f"Approved. {approval.requested_by} can run it now.")


def _grant(act: Acting, approval: Approval, workspace_id: str) -> ActionResult:
    book(
        act,
        "approve_grant",
        workspace_id,
        approval.minutes,
        reason=approval.reason,
        key=f"approval:{approval.approval_id}",
        giver=approval.requested_by,
        about=f", requested by {approval.requested_by}",
    )
    return ActionResult(
        counted(approval.minutes, "Approved. {n} minute granted.", "Approved. {n} minutes granted.")
    )
