"""Credit notes of paid invoices: one that refunds is a refund; any other is an alert, because staff must decide."""

from datetime import datetime

from sqlalchemy import Connection

from ledger.money import amount_text
from ledger.payments.alerts import end_alert, raise_alert
from ledger.payments.purchases import owner_of
from ledger.stripe_gateway import Gateway

KIND = "credit_note"


def show_credit_notes(
    db: Connection, gateway: Gateway, invoice_id: str, *, at: datetime
) -> tuple[str | None, str]:
    """Re-read an invoice, and open or close the alert of what was credited without a refund.

    Return the workspace, if any, and what the invoice shows. Raises the gateway's errors.
    """
    invoice = gateway.fetch_invoice(invoice_id)
    owner = owner_of(db, [invoice_id, invoice.payment_intent, invoice.subscription])
    if owner is None:
        return None, "no workspace has this invoice"
    refunded = gateway.fetch_payment(invoice.payment_intent).refunded_cents if invoice.payment_intent else 0
    credited = invoice.credited_cents - refunded
    if credited <= 0:
        end_alert(db, KIND, invoice_id, because="its credit notes are refunded, or void", at=at)
        return owner.workspace_id, "its credit notes are refunds, or void"
    amount = amount_text(credited, invoice.currency)
    detail = (
        f"Credit notes of {amount} on invoice {invoice_id} went to the customer's balance or were paid outside of "
        "Stripe: no minutes were taken back. Void them on the workspace if they are not to stay"
    )
    raise_alert(db, KIND, invoice_id, detail=detail, workspace_id=owner.workspace_id, at=at, reopens=True)
    return owner.workspace_id, f"{amount} credited without a refund, no minutes moved"
