"""Payments that a customer's browser begins or finishes while the ledger retries or refunds the same money."""

from datetime import UTC, datetime
from typing import Any

import pytest
import stripe

from ledger.payments import buying
from ledger.payments.purchases import Purchase
from ledger.stripe_gateway import GatewayRefused
from ledger.stripe_gateway.readers import read_payment
from tests.shop import Shop

BACK = "https://shop.example/back"


def in_the_browser(shop: Shop, purchase: Purchase, method: str) -> None:
    """Confirm the payment with Stripe directly, as Stripe's script in a browser does."""
    params: Any = {"payment_method": method, "return_url": BACK}
    try:
        shop.gateway._client.v1.payment_intents.confirm(purchase.payment_intent, params)
    except stripe.CardError:
        return


def retried(shop: Shop, purchase: Purchase, method: str = "pm_card_visa") -> Purchase:
    about: dict[str, Any] = {
        "payment_method": method,
        "key": f"retry of {purchase.purchase_id}",
        "at": shop.now,
    }
    return buying.retry(shop.engine, shop.gateway, purchase.workspace_id, purchase.purchase_id, **about)


def saved_card(shop: Shop, email: str) -> tuple[str, str]:
    """Return a customer and the card saved for it."""
    params: Any = {"email": email, "payment_method": "pm_card_visa"}
    params["invoice_settings"] = {"default_payment_method": "pm_card_visa"}
    customer = shop.gateway._client.v1.customers.create(params)
    return customer.id, str(customer.invoice_settings.default_payment_method)


def test_a_payment_that_the_browser_began_and_declined_is_paid_by_a_retry_with_a_card(shop: Shop) -> None:
    shop.signs_up("other")
    begun, untouched = shop.buys("small", None), shop.buys("medium", None, workspace_id="other")
    in_the_browser(shop, begun, "pm_card_chargeDeclined")
    shop.works()
    assert shop.purchase(begun).status == "failed"

    again = retried(shop, begun)
    shop.works()

    assert (again.status, again.failure_code) == ("paid", None)
    assert (shop.extra(), shop.extra(workspace_id="other")) == (60, 0)
    assert shop.purchase(untouched).status == "requires_payment"


def test_a_retry_whose_card_asks_for_confirmation_has_an_address_to_return_to(shop: Shop) -> None:
    begun = shop.buys("small", None)
    in_the_browser(shop, begun, "pm_card_chargeDeclined")
    shop.works()

    again = retried(shop, begun, "pm_card_authenticationRequired")

    assert again.status == "requires_action"
    page = shop.gateway.fetch_payment(begun.payment_intent or "").next_action_url
    assert page is not None
    assert page.startswith(shop.gateway.return_url)


def test_a_retry_that_finds_the_money_already_paid_by_the_browser_answers_paid(shop: Shop) -> None:
    begun = shop.buys("small", None)
    in_the_browser(shop, begun, "pm_card_chargeDeclined")
    shop.works()
    in_the_browser(shop, begun, "pm_card_visa")

    again = retried(shop, begun)
    shop.works()

    assert (again.status, again.failure_code, again.failure_message) == ("paid", None, None)
    assert shop.extra() == 60


def test_a_retry_of_a_canceled_payment_answers_canceled_and_not_failed(shop: Shop) -> None:
    begun = shop.buys("small", None)
    in_the_browser(shop, begun, "pm_card_chargeDeclined")
    shop.works()
    shop.gateway.cancel_payment(begun.payment_intent or "", idempotency_key="gone")

    again = retried(shop, begun)

    assert (again.status, shop.extra()) == ("canceled", 0)


def test_a_refund_refused_because_of_a_dispute_shows_the_dispute_at_once(shop: Shop) -> None:
    disputed, calm = shop.bought("small"), shop.bought("medium")
    shop.gateway.open_dispute(disputed.payment_intent or "")

    with pytest.raises(GatewayRefused):
        shop.refunds(disputed, 100)

    assert (shop.purchase(disputed).status, shop.purchase(disputed).taken_back_minutes) == ("disputed", 60)
    assert (shop.purchase(calm).status, shop.extra()) == ("paid", 150)


@pytest.mark.parametrize("buyer", ["nobody", "another", "its own"])
def test_the_sandbox_charges_a_saved_card_only_for_the_customer_it_belongs_to(shop: Shop, buyer: str) -> None:
    owner, card = saved_card(shop, "ann@example.com")
    other, _ = saved_card(shop, "bob@example.com")
    customer = {"nobody": None, "another": other, "its own": owner}[buyer]
    params: Any = {"amount": 999, "currency": "usd", "payment_method": card, "confirm": True}
    params["automatic_payment_methods"] = {"enabled": True, "allow_redirects": "never"}
    pay = shop.gateway._client.v1.payment_intents.create

    if buyer == "its own":
        assert pay({**params, "customer": customer}).status == "succeeded"
    else:
        with pytest.raises(stripe.InvalidRequestError, match="customer"):
            pay({**params, "customer": customer} if customer else params)


@pytest.mark.parametrize(("booked", "paid_on"), [(1_772_755_200, 6), (None, 1)])
def test_money_that_arrives_days_after_the_charge_is_paid_when_it_arrives(
    booked: int | None, paid_on: int
) -> None:
    booking = {"created": booked, "fee": 35, "net": 964, "currency": "eur"} if booked else None
    charge = {"id": "ch_1", "created": 1_772_323_200, "status": "succeeded", "balance_transaction": booking}
    intent = {"id": "pi_1", "status": "succeeded", "amount": 999, "amount_received": 999, "currency": "eur"}
    intent |= {"livemode": False, "created": 1_772_323_200, "latest_charge": charge}

    assert read_payment(intent, [], []).paid_at == datetime(2026, 3, paid_on, tzinfo=UTC)
