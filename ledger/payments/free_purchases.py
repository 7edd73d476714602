"""Purchases fully covered by a promotion code: completed on Stripe's page without a payment, and credited."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from ledger.payments.alerts import end_alert
from ledger.payments.purchases import Purchase, save_purchase
from ledger.payments.settlement import credit, quarantine, within
from ledger.stripe_gateway import Gateway
from ledger.stripe_gateway.facts import CheckoutFacts

FREE = "no_payment_required"
"""Stripe's payment status of a page completed without a payment."""
PAGE_IS_OPEN = timedelta(days=1)


def is_free(purchase: Purchase) -> bool:
    """Whether a purchase is paid without money."""
    return purchase.paid_at is not None and purchase.charged_cents == 0


def deciding_page(gateway: Gateway, purchase: Purchase) -> CheckoutFacts | None:
    """Return Stripe's page of a purchase while it may still decide; None without one, or once a payment has."""
    if purchase.checkout_session is None or (purchase.payment_intent and purchase.paid_at):
        return None
    return gateway.fetch_checkout_session(purchase.checkout_session)


def settle_free(
    db: Connection,
    purchase: Purchase,
    page: CheckoutFacts,
    *,
    livemode: bool,
    actor: str,
    at: datetime,
    book: bool = True,
) -> Purchase:
    """Bring a locked purchase in line with a page that was completed without a payment.

    What counts is that it was completed, not that money moved. A page of something else is quarantined.
    """
    if problem := _disagreement(purchase, page, livemode=livemode):
        return quarantine(db, purchase, page.checkout_session, problem, at)
    end_alert(db, "quarantined", page.checkout_session, because="a promotion code paid for it", at=at)
    latest = min(at, page.created + PAGE_IS_OPEN) if page.created else at
    paid = replace(
        purchase,
        status="paid",
        payment_intent=None,
        charge=None,
        customer=page.customer or purchase.customer,
        failure_code=None,
        failure_message=None,
        paid_at=purchase.paid_at or within(purchase.created_at, latest, at),
        fee_cents=0,
        fee_currency=purchase.currency,
        tax_cents=0,
        discount_cents=purchase.amount_cents,
        synced_at=at,
    )
    return save_purchase(db, credit(db, paid, actor) if book else paid)


def was_free(gateway: Gateway, purchase: Purchase) -> bool:
    """Whether Stripe confirms that a purchase without a payment cost nothing."""
    if not is_free(purchase) or purchase.checkout_session is None:
        return False
    return gateway.fetch_checkout_session(purchase.checkout_session).payment_status == FREE


def _disagreement(purchase: Purchase, page: CheckoutFacts, *, livemode: bool) -> str | None:
    if page.metadata.get("purchase_id") != str(purchase.purchase_id):
        return "the page at Stripe does not name this purchase"
    if page.livemode != livemode:
        return "the page is in another mode (test or live) than this installation"
    if page.amount_total_cents or page.tax_cents or page.discount_cents != purchase.amount_cents:
        return "the page was completed without a payment, but its discount is not the price"
    return None
