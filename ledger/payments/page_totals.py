"""Tax and discount of a purchase, as Stripe's payment page adds them up."""

from dataclasses import replace

from ledger.payments.purchases import Purchase
from ledger.stripe_gateway import Gateway, PaymentFacts
from ledger.stripe_gateway.facts import CheckoutFacts


def with_page_totals(
    gateway: Gateway, purchase: Purchase, facts: PaymentFacts, page: CheckoutFacts | None
) -> Purchase:
    """Return the purchase with the tax and the discount of the page that made its payment; fixed once it is paid.

    `page`: that of the purchase, as read before; the page of an unknown payment is looked up.
    """
    if purchase.paid_at is not None:
        return purchase
    if page is None and facts.amount_cents != purchase.amount_cents:
        page = gateway.find_checkout_session(facts.payment_intent)
    if page is None or page.payment_intent != facts.payment_intent:
        return replace(purchase, tax_cents=0, discount_cents=0)
    return replace(purchase, tax_cents=page.tax_cents, discount_cents=page.discount_cents)


def totals_unread(purchase: Purchase) -> bool:
    """Whether Stripe's page may have added tax or a discount that a sync has not read yet."""
    undecided = purchase.paid_at is None and purchase.status != "quarantined"
    return undecided and purchase.checkout_session is not None
