"""Credit notes of paid invoices: one that refunds is a refund; any other is an alert, because staff must decide."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy import Connection, Engine

from ledger.database import query, reading
from ledger.money import amount_text
from ledger.payments.alerts import end_alert, raise_alert
from ledger.payments.findings import BookDifference
from ledger.payments.purchases import Owner, owner_of
from ledger.stripe_gateway import Gateway, InvoiceFacts

KIND = "credit_note"
NOT_SHOWN = "credit_note_not_shown"


def show_credit_notes(
    db: Connection, gateway: Gateway, invoice_id: str, *, at: datetime
) -> tuple[str | None, str]:
    """Re-read an invoice, and open or close the alert of what was credited without a refund.

    Return the workspace, if any, and what the invoice shows. Raises the gateway's errors.
    """
    invoice = gateway.fetch_invoice(invoice_id)
    owner = _owner(db, invoice)
    if owner is None:
        return None, "no workspace has this invoice"
    amount = _credited(gateway, invoice)
    if amount is None:
        end_alert(db, KIND, invoice_id, because="its credit notes are refunded, or void", at=at)
        return owner.workspace_id, "its credit notes are refunds, or void"
    detail = _detail(invoice, amount)
    raise_alert(db, KIND, invoice_id, detail=detail, workspace_id=owner.workspace_id, at=at, reopens=True)
    return owner.workspace_id, f"{amount} credited without a refund, no minutes moved"


def compare_credit_notes(
    engine: Engine, gateway: Gateway, invoices: Iterable[InvoiceFacts]
) -> Iterator[BookDifference]:
    """Yield invoices whose alert differs from their credit notes at Stripe. Raises the gateway's errors."""
    for invoice in invoices:
        amount = _credited(gateway, invoice)
        with reading(engine) as db:
            owner = _owner(db, invoice)
            ids = {"alert_id": f"{KIND}:{invoice.invoice}"}
            known = db.execute(query("lasting_alert_detail"), ids).scalar_one_or_none()
        if owner is None or known == (amount and _detail(invoice, amount)):
            continue
        yield BookDifference(
            kind=NOT_SHOWN,
            workspace_id=owner.workspace_id,
            purchase_id=None,
            payment_intent=invoice.payment_intent,
            detail=f"Stripe credited {amount or 'nothing'} without a refund on invoice {invoice.invoice}",
            proposal="Sync it with Stripe",
            invoice=invoice.invoice,
            subscription=invoice.subscription,
        )


def _owner(db: Connection, invoice: InvoiceFacts) -> Owner | None:
    return owner_of(db, [invoice.invoice, invoice.payment_intent, invoice.subscription])


def _credited(gateway: Gateway, invoice: InvoiceFacts) -> str | None:
    """Return what was credited without a refund, as money; None when all of it was refunded or is void."""
    if not invoice.credited_cents:
        return None
    refunded = gateway.fetch_payment(invoice.payment_intent).refunded_cents if invoice.payment_intent else 0
    credited = invoice.credited_cents - refunded
    return amount_text(credited, invoice.currency) if credited > 0 else None


def _detail(invoice: InvoiceFacts, amount: str) -> str:
    return (
        f"Credit notes of {amount} on invoice {invoice.invoice} went to the customer's balance or were paid outside of "
        "Stripe: no minutes were taken back. Void them on the workspace if they are not to stay"
    )
