"""Reconciliation of Stripe and the ledger, both ways: payments with purchases, invoices with their outcomes.

A sync repairs what it can; other differences are reported with a proposal.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine

from ledger.database import query, reading, writing
from ledger.errors import LedgerError
from ledger.money import amount_text
from ledger.payments.buying import sync_purchase
from ledger.payments.changed_lately import payments_changed_lately
from ledger.payments.dispute_alerts import DECIDED_FOR_US
from ledger.payments.errors import UnknownPurchase
from ledger.payments.findings import BookDifference, finding_of, not_paid
from ledger.payments.free_purchases import is_free, was_free
from ledger.payments.page_totals import totals_unread
from ledger.payments.purchases import WAITING, Purchase, find_purchase, get_purchase
from ledger.payments.reconcile_invoices import (
    INVOICE_KINDS,
    compare_invoices,
    compare_plan_payments,
    repair_invoice,
    report_invoice,
)
from ledger.payments.settlement import disagreement, status_of
from ledger.stripe_gateway import Gateway, PaymentFacts, UnknownAtStripe
from ledger.validation import require_business_time

PAGE = 200
STUCK_AFTER = timedelta(hours=1)
NOBODY = UUID(int=0)
UNDER_WAY = ("requires_action", "processing")
"""States that must end; a customer who never started to pay is not a difference."""

OPEN_DISPUTE = "open_dispute"
"""Not a difference yet: lists of payments do not include the progress of a dispute, so it is fetched."""

SETTLED_BY_SYNC = (
    OPEN_DISPUTE,
    "paid_not_credited",
    "refund_not_booked",
    "dispute_not_booked",
    "state_behind",
    "stuck_pending",
)
"""Kinds of findings that re-reading Stripe may settle; all others wait for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """One comparison of [since, until) and the differences it revealed."""

    reconciliation_id: int
    since: datetime
    until: datetime
    source: str
    actor: str
    checked_payments: int
    checked_purchases: int
    checked_invoices: int
    repaired: int
    findings: tuple[BookDifference, ...]
    at: datetime


def reconcile(
    engine: Engine,
    gateway: Gateway,
    *,
    since: datetime,
    until: datetime,
    actor: str,
    at: datetime,
    repair: bool = True,
) -> Reconciliation:
    """Compare payments, purchases and invoices of [since, until), repair what a sync can, and store the report.

    With `repair=False` only the report is written. Raises the gateway's errors when Stripe cannot be read.
    """
    at = require_business_time(at)
    differences, seen = _compare_payments(engine, gateway, since, until, at)
    purchases = 0
    for purchase in _purchases_between(engine, gateway.source, since, until):
        purchases += 1
        if purchase.payment_intent not in seen:
            differences += _look_up(gateway, purchase, at)
    invoices, checked_invoices = compare_invoices(engine, gateway, since, until)
    differences += invoices
    settle = partial(_repaired, engine, gateway, at=at) if repair else report_invoice
    settled = (done for each in differences if (done := settle(each)))
    differences = [finding for finding in settled if finding.kind != OPEN_DISPUTE]
    report = Reconciliation(
        reconciliation_id=0,
        since=since,
        until=until,
        source=gateway.source,
        actor=actor,
        checked_payments=len(seen),
        checked_purchases=purchases,
        checked_invoices=checked_invoices,
        repaired=sum(finding.repaired for finding in differences),
        findings=tuple(differences),
        at=at,
    )
    return _store(engine, report)


def list_reconciliations(db: Connection, *, limit: int = 20) -> list[Reconciliation]:
    """Return the stored reports, latest first."""
    rows = db.execute(query("list_reconciliations"), {"limit": limit}).mappings()
    return [
        Reconciliation(**{**row, "findings": tuple(BookDifference(**each) for each in row["findings"])})
        for row in rows
    ]


def _store(engine: Engine, report: Reconciliation) -> Reconciliation:
    with writing(engine) as db:
        rows = json.dumps([asdict(finding) for finding in report.findings])
        stored = db.execute(query("keep_reconciliation"), asdict(report) | {"findings": rows})
        return replace(report, reconciliation_id=stored.scalar_one())


def _compare_payments(
    engine: Engine, gateway: Gateway, since: datetime, until: datetime, at: datetime
) -> tuple[list[BookDifference], set[str]]:
    """Compare Stripe with the ledger: return the differences and the payments that were compared."""
    differences: list[BookDifference] = []
    seen: set[str] = set()
    created = gateway.list_payments(created_gte=since, created_lt=until)
    for payments in (created, payments_changed_lately(gateway, since, until, seen)):
        for page in _pages(payments):
            seen.update(facts.payment_intent for facts in page)
            differences += _compare_page(engine, gateway, page, at)
            differences += compare_plan_payments(engine, page)
    return differences, seen


def _compare_page(
    engine: Engine, gateway: Gateway, page: list[PaymentFacts], at: datetime
) -> Iterator[BookDifference]:
    """Payments that name a purchase must be booked there."""
    with reading(engine) as db:
        ids = {"object_ids": [facts.payment_intent for facts in page]}
        rows = db.execute(query("purchases_of_intents"), ids).mappings()
        known = {purchase.payment_intent: purchase for purchase in map(Purchase.of, rows)}
        for facts in page:
            purchase = known.get(facts.payment_intent) or _named(db, facts)
            if purchase is not None:
                yield from _compare(purchase, facts, at, livemode=gateway.livemode)
            elif "purchase_id" in facts.metadata:
                yield finding_of(
                    "unknown_payment",
                    None,
                    facts.payment_intent,
                    f"It names purchase {facts.metadata['purchase_id'][:60]!r}, which is not in the ledger",
                    "Find out which program created it; refund it at Stripe if nothing was delivered",
                )


def _named(db: Connection, facts: PaymentFacts) -> Purchase | None:
    """Return the purchase that a payment names, if we have it."""
    try:
        return find_purchase(db, UUID(facts.metadata.get("purchase_id", "")))
    except (ValueError, UnknownPurchase):
        return None


def _compare(
    purchase: Purchase, facts: PaymentFacts, at: datetime, *, livemode: bool
) -> Iterator[BookDifference]:
    """Yield how a purchase differs from its payment, as a list of payments shows it."""
    intent = facts.payment_intent
    if purchase.payment_intent not in (None, intent) or is_free(purchase):
        if facts.is_paid and not facts.is_returned:
            proposal = "Refund this payment at Stripe: its purchase was paid already"
            yield finding_of("second_payment", purchase, intent, "Two payments for one purchase", proposal)
    elif problem := _mismatch(purchase, facts, livemode=livemode):
        if not facts.is_returned:
            proposal = "Refund it at Stripe, or grant what was paid for"
            yield finding_of("mismatch", purchase, intent, problem, proposal)
    else:
        yield from _behind(purchase, facts, at)


def _behind(purchase: Purchase, facts: PaymentFacts, at: datetime) -> Iterator[BookDifference]:
    """Yield what the books have not followed yet of a payment that is the one agreed."""
    intent, paid = facts.payment_intent, amount_text(facts.amount_cents, purchase.currency)
    if facts.is_paid and not purchase.is_credited:
        detail = f"{paid} arrived, {purchase.minutes} minutes were not credited"
        yield finding_of("paid_not_credited", purchase, intent, detail, "Sync it with Stripe")
    elif purchase.is_credited and not facts.is_paid:
        yield not_paid(purchase, f"The payment is {facts.status}")
    elif facts.charge_refunded_cents != purchase.refunded_cents:
        known = amount_text(purchase.refunded_cents, purchase.currency)
        refunded = amount_text(facts.charge_refunded_cents, purchase.currency)
        detail = f"Stripe refunded {refunded}, the ledger knows {known}"
        yield finding_of("refund_not_booked", purchase, intent, detail, "Sync it with Stripe")
    elif facts.charge_disputed and purchase.dispute_status not in DECIDED_FOR_US:
        kind = OPEN_DISPUTE if purchase.status == "disputed" else "dispute_not_booked"
        detail = f"A dispute is not booked (known: {purchase.dispute_status or 'none'})"
        yield finding_of(kind, purchase, intent, detail, "Sync it with Stripe")
    elif not facts.is_paid and purchase.status != status_of(facts):
        detail = f"The purchase is {purchase.status}, the payment {status_of(facts)}"
        yield finding_of("state_behind", purchase, intent, detail, "Sync it with Stripe")
    elif purchase.status in UNDER_WAY and at - purchase.attempted_at > STUCK_AFTER:
        detail = f"{purchase.status} since {purchase.attempted_at:%Y-%m-%d %H:%M} UTC"
        yield finding_of(
            "stuck_pending", purchase, intent, detail, "Ask the customer, or cancel it at Stripe"
        )


def _mismatch(purchase: Purchase, facts: PaymentFacts, *, livemode: bool) -> str | None:
    """Return how a payment differs from its purchase; None where a sync has yet to read tax and discount."""
    problem = disagreement(purchase, facts, livemode=livemode)
    return problem if problem and not totals_unread(purchase) else None


def _look_up(gateway: Gateway, purchase: Purchase, at: datetime) -> Iterator[BookDifference]:
    """Compare the ledger with Stripe: fetch the payment of a purchase that is not in the list."""
    if purchase.payment_intent is not None:
        try:
            facts = gateway.fetch_payment(purchase.payment_intent)
        except UnknownAtStripe:
            if purchase.is_credited:
                yield not_paid(purchase, "Stripe does not know the payment")
            return
        listed = replace(
            facts,
            charge_refunded_cents=facts.refunded_cents,
            charge_disputed=any(not dispute.is_inquiry for dispute in facts.disputes),
        )
        yield from _compare(purchase, listed, at, livemode=gateway.livemode)
    elif purchase.is_credited and not was_free(gateway, purchase):
        yield not_paid(purchase, "There is no payment")
    elif purchase.status in WAITING and at - purchase.attempted_at > STUCK_AFTER:
        detail = "It never reached Stripe, or the answer was lost and no payment names it"
        yield finding_of("stuck_pending", purchase, None, detail, "Nothing to do: no money was taken")


def _purchases_between(engine: Engine, mode: str, since: datetime, until: datetime) -> Iterator[Purchase]:
    """Return the purchases of a span, page by page: no transaction stays open during a call to Stripe."""
    last: tuple[str, UUID] = ("", NOBODY)
    while True:
        span = {"mode": mode, "since": since, "until": until, "limit": PAGE}
        with reading(engine) as db:
            after = {"after_workspace": last[0], "after_purchase": last[1]}
            page = [
                Purchase.of(row) for row in db.execute(query("purchases_between"), span | after).mappings()
            ]
        yield from page
        if len(page) < PAGE:
            return
        last = (page[-1].workspace_id, page[-1].purchase_id)


def _repaired(
    engine: Engine, gateway: Gateway, finding: BookDifference, at: datetime
) -> BookDifference | None:
    """Repair a difference where a sync may, and say whether it did; None if there is no difference after all."""
    if finding.kind in INVOICE_KINDS:
        return repair_invoice(engine, gateway, finding, at)
    if finding.kind not in SETTLED_BY_SYNC or finding.workspace_id is None or finding.purchase_id is None:
        return finding
    workspace_id, purchase_id = finding.workspace_id, UUID(finding.purchase_id)
    try:
        with writing(engine) as db:
            before = get_purchase(db, workspace_id, purchase_id)
            intent = finding.payment_intent
            after = sync_purchase(db, gateway, workspace_id, purchase_id, at=at, payment_intent=intent)
    except LedgerError as error:
        return replace(finding, detail=f"{finding.detail}; sync failed: {error}")
    state = (after.status, after.dispute_status)
    if finding.kind == OPEN_DISPUTE:
        if state == (before.status, before.dispute_status):
            return None
        detail = f"The dispute went from {before.dispute_status} to {after.dispute_status}"
        return replace(finding, kind="dispute_not_booked", detail=detail, repaired=True)
    changed = state != (before.status, before.dispute_status) or after.refunded_cents != before.refunded_cents
    return replace(finding, repaired=(changed or after.is_credited) and after.status != "quarantined")


def _pages(payments: Iterable[PaymentFacts]) -> Iterator[list[PaymentFacts]]:
    remaining: Iterator[Any] = iter(payments)
    while page := list(islice(remaining, PAGE)):
        yield page
