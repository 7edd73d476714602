"""Reconciliation of paid plan invoices, both ways; a sync repairs differences as their events would."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import chain, islice

from sqlalchemy import Engine

from ledger.database import query, reading, writing
from ledger.errors import LedgerError
from ledger.money import amount_text
from ledger.payments.changed_lately import invoices_credited_lately, invoices_paid_lately
from ledger.payments.credit_notes import NOT_SHOWN, compare_credit_notes, show_credit_notes
from ledger.payments.errors import NotKnownYet
from ledger.payments.findings import BookDifference
from ledger.payments.owners import show_ownerless
from ledger.payments.plan_refunds import NOTHING, sync_plan_payment
from ledger.payments.subscriptions import sync_subscription
from ledger.stripe_gateway import Gateway, InvoiceFacts, PaymentFacts, UnknownAtStripe

PAGE = 100
INVOICE_KINDS = ("invoice_not_credited", "plan_refund_not_booked", "plan_dispute_not_booked", NOT_SHOWN)
"""Kinds that a sync repairs; `repair_invoice` maps them to the names for purchases."""


def compare_invoices(
    engine: Engine, gateway: Gateway, since: datetime, until: datetime
) -> tuple[list[BookDifference], int]:
    """Return what differs about invoices created or paid in [since, until), and how many were compared."""
    differences: list[BookDifference] = []
    paid: set[str] = set()
    invoices = chain(
        gateway.list_invoices(created_gte=since, created_lt=until),
        invoices_paid_lately(gateway, since, until),
    )
    while page := list(islice(invoices, PAGE)):
        bought = [each for each in page if each.status == "paid" and each.subscription]
        paid.update(each.invoice for each in bought)
        differences += _not_settled(engine, bought)
    differences += compare_credit_notes(engine, gateway, invoices_credited_lately(gateway, since, until))
    differences += _not_paid(engine, gateway, paid, since, until)
    return differences, len(paid)


def compare_plan_payments(engine: Engine, payments: Iterable[PaymentFacts]) -> Iterator[BookDifference]:
    """Yield refunds and disputes of plan payments that the ledger lacks."""
    known = {facts.payment_intent: facts for facts in payments}
    with reading(engine) as db:
        rows = db.execute(query("invoices_of_payments"), {"payments": sorted(known)}).all()
    for row in rows:
        if row.outcome != "lots":
            continue
        facts = known[row.payment_intent]
        returned = min(facts.charge_refunded_cents, row.amount_paid_cents)
        if returned != row.refunded_cents:
            booked = amount_text(row.refunded_cents, row.currency)
            detail = f"Stripe refunded {amount_text(returned, row.currency)}, the ledger knows {booked}"
            yield _difference("plan_refund_not_booked", row, facts.payment_intent, detail)
        elif facts.charge_disputed:
            yield _difference("plan_dispute_not_booked", row, facts.payment_intent, "It is or was disputed")


def repair_invoice(
    engine: Engine, gateway: Gateway, difference: BookDifference, at: datetime
) -> BookDifference | None:
    """Repair a difference of an invoice with the handler of its event. Return it, or None if there is none."""
    named = replace(difference, kind=_plain_kind(difference.kind))
    try:
        if difference.kind == "invoice_not_credited":
            return _sync_invoice(engine, gateway, named, at)
        with writing(engine) as db:
            workspace_id, invoice = difference.workspace_id or "", difference.invoice or ""
            if difference.kind == NOT_SHOWN:
                _owner, shown = show_credit_notes(db, gateway, invoice, at=at)
                return replace(named, detail=shown, repaired=True)
            summary = sync_plan_payment(db, gateway, workspace_id, invoice, at=at)
    except NotKnownYet as problem:
        with writing(engine) as db:
            show_ownerless(db, problem, at=at)
        return replace(named, kind="paid_names_no_workspace", detail=problem.detail, proposal=LINK_IT)
    except LedgerError as error:
        return replace(named, detail=f"{difference.detail}; sync failed: {error}")
    if summary == NOTHING:
        return None if difference.kind == "plan_dispute_not_booked" else replace(named, repaired=True)
    return replace(named, detail=summary, repaired=True)


def report_invoice(difference: BookDifference) -> BookDifference | None:
    """Return a difference as a dry run reports it, with its plain name."""
    if difference.kind == "plan_dispute_not_booked":
        return None  # only a sync shows whether it is still open
    return replace(difference, kind=_plain_kind(difference.kind))


LINK_IT = "Link the customer or the subscription to a workspace"


def _plain_kind(kind: str) -> str:
    return {"invoice_not_credited": "paid_not_credited"}.get(kind, kind.removeprefix("plan_"))


def _sync_invoice(engine: Engine, gateway: Gateway, named: BookDifference, at: datetime) -> BookDifference:
    with writing(engine) as db:
        synced = sync_subscription(db, gateway, named.subscription or "", invoice=named.invoice, at=at)
        rows = db.execute(query("invoices_settled"), {"invoices": [named.invoice]}).all()
    outcome = rows[0].outcome if rows else None
    settled = outcome in ("lots", "nothing")
    detail = synced.summary if settled else f"{named.detail}; {rows[0].because if rows else synced.summary}"
    return replace(named, workspace_id=synced.workspace_id, detail=detail, repaired=settled)


def _not_settled(engine: Engine, invoices: list[InvoiceFacts]) -> Iterator[BookDifference]:
    """Yield paid invoices at Stripe without an outcome, or whose outcome waits for staff."""
    with reading(engine) as db:
        ids = {"invoices": [each.invoice for each in invoices]}
        settled = {row.invoice_id: row for row in db.execute(query("invoices_settled"), ids)}
    for each in invoices:
        row = settled.get(each.invoice)
        if row is None or row.outcome == "alert":
            paid = amount_text(each.amount_paid_cents, each.currency)
            yield BookDifference(
                kind="invoice_not_credited",
                workspace_id=row.workspace_id if row else None,
                purchase_id=None,
                payment_intent=each.payment_intent,
                detail=f"Invoice {each.invoice} of {paid} is paid and has no minutes",
                proposal=row.because if row else "Sync its subscription with Stripe",
                invoice=each.invoice,
                subscription=each.subscription,
            )


def _not_paid(
    engine: Engine, gateway: Gateway, paid: set[str], since: datetime, until: datetime
) -> Iterator[BookDifference]:
    """Yield invoices that gave minutes but are unpaid or unknown at Stripe."""
    after = ("", "")
    while True:
        span = {"mode": gateway.source, "since": since, "until": until, "limit": PAGE}
        with reading(engine) as db:
            place = {"after_workspace": after[0], "after_invoice": after[1]}
            rows = db.execute(query("invoices_between"), span | place).all()
        for row in rows:
            status = None if row.invoice_id in paid else _status(gateway, row.invoice_id)
            if row.invoice_id not in paid and status != "paid":
                detail = (
                    f"Invoice {row.invoice_id} is {status} at Stripe, but {row.minutes} minutes were credited"
                )
                yield _difference("credited_not_paid", row, None, detail)
        if len(rows) < PAGE:
            return
        after = (rows[-1].workspace_id, rows[-1].invoice_id)


def _status(gateway: Gateway, invoice: str) -> str:
    try:
        return gateway.fetch_invoice(invoice).status or "unknown"
    except UnknownAtStripe:
        return "unknown"


def _difference(kind: str, row: object, intent: str | None, detail: str) -> BookDifference:
    proposal = "Sync it with Stripe" if kind in INVOICE_KINDS else "Void its lots, after asking Stripe"
    return BookDifference(
        kind=kind,
        workspace_id=row.workspace_id,  # type: ignore[attr-defined]
        purchase_id=None,
        payment_intent=intent,
        detail=detail,
        proposal=proposal,
        invoice=row.invoice_id,  # type: ignore[attr-defined]
        subscription=getattr(row, "subscription_id", None),
    )
