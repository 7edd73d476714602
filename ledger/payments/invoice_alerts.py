"""Alerts of plan invoices: open while one is not collected, or waits for the mapping of its price."""

from datetime import datetime

from sqlalchemy import Connection

from ledger.money import amount_text
from ledger.payments.alerts import end_alert, raise_alert
from ledger.payments.plan_minutes import InvoiceMinutes
from ledger.stripe_gateway import InvoiceFacts

GIVEN_UP = ("void", "uncollectible")
"""States in which Stripe collects an invoice no longer."""


def show_unpaid(
    db: Connection, workspace_id: str, invoice: InvoiceFacts, at: datetime, *, over: bool
) -> list[str]:
    """Open the alert of an uncollected invoice; close it when Stripe gives up on it, or the subscription is `over`."""
    closed = f"Stripe marked the invoice {invoice.status}" if invoice.status in GIVEN_UP else None
    if closed or over:
        because = f"{closed or 'the subscription ended'}: it is no longer collected"
        end_alert(db, "invoice_failed", invoice.invoice, because=because, at=at)
    elif invoice.status == "open" and invoice.attempt_count:
        due = amount_text(invoice.amount_due_cents, invoice.currency)
        detail = f"Invoice of {due} could not be collected; no minutes were added"
        raise_alert(db, "invoice_failed", invoice.invoice, detail=detail, workspace_id=workspace_id, at=at)
        return [f"{invoice.invoice}: not collected"]
    return []


def show_outcome(
    db: Connection, workspace_id: str, invoice: str, result: InvoiceMinutes, *, at: datetime
) -> None:
    """Open or close the alerts of an invoice that is paid."""
    end_alert(db, "invoice_failed", invoice, because="the invoice is paid", at=at)
    if result.outcome == "alert":
        detail = result.because or ""
        raise_alert(db, "unknown_price", invoice, detail=detail, workspace_id=workspace_id, at=at)
        return
    gives = "the invoice has its minutes"
    because = gives if result.outcome == "lots" else f"it gives nothing: {result.because}"
    end_alert(db, "unknown_price", invoice, because=because, at=at)


def show_owed(db: Connection, workspace_id: str, owed: int, *, at: datetime) -> None:
    """Open the alert of a workspace that was returned money for minutes it used; close it when they are settled."""
    if owed > 0:
        detail = (
            f"Plan changes returned money for {owed:,} minutes that were already used: the next plan minutes "
            "that the customer pays for settle them first"
        )
        raise_alert(db, "used_and_returned", workspace_id, detail=detail, workspace_id=workspace_id, at=at)
    else:
        because = "plan minutes that were paid for later settled them"
        end_alert(db, "used_and_returned", workspace_id, because=because, at=at)
