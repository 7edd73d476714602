"""Behaviour that we rely on, tested against the built-in sandbox and, with STRIPE_TEST_KEY set, against Stripe itself: payments.

A difference between the two is a fault of the sandbox.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe

from ledger.stripe_gateway import Gateway, GatewayKeyReused, GatewayRefused, PaymentFacts, UnknownAtStripe
from tests.parity import PLACES, eventually, key, opened, order, pay


@pytest.fixture(params=PLACES)
def gateway(request: pytest.FixtureRequest) -> Iterator[Gateway]:
    yield from opened(request)


def test_a_good_card_pays(gateway: Gateway) -> None:
    purchase = order()

    payment = gateway.start_payment(purchase, payment_method="pm_card_visa", idempotency_key=key())

    assert (payment.status, payment.amount_received_cents, payment.currency) == ("succeeded", 999, "usd")
    assert (payment.livemode, payment.failure, payment.next_action_url) == (False, None, None)
    assert payment.metadata == {
        "purchase_id": purchase.purchase_id,
        "workspace_id": "parity",
        "package": "small",
        "minutes": "60",
    }
    fetched = eventually(lambda: settled(gateway, payment))
    assert fetched.fee_cents is not None
    assert fetched.net_cents == 999 - fetched.fee_cents


def settled(gateway: Gateway, payment: PaymentFacts) -> Any:
    """The payment once its fee is known."""
    facts = gateway.fetch_payment(payment.payment_intent)
    return facts if facts.fee_cents is not None else None


@pytest.mark.parametrize(
    ("method", "code", "decline_code"),
    [
        ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", None),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", None),
        ("pm_card_chargeDeclinedProcessingError", "processing_error", None),
    ],
)
def test_a_declined_card_says_why(gateway: Gateway, method: str, code: str, decline_code: str | None) -> None:
    payment = pay(gateway, method)

    assert (payment.status, payment.amount_received_cents) == ("requires_payment_method", 0)
    assert payment.failure is not None
    assert payment.failure.code == code
    assert decline_code in (None, payment.failure.decline_code)


def test_a_declined_payment_can_be_paid_by_another_card(gateway: Gateway) -> None:
    declined = pay(gateway, "pm_card_visa_chargeDeclined")

    paid = gateway.retry_payment(
        declined.payment_intent, payment_method="pm_card_visa", idempotency_key=key()
    )

    assert (paid.payment_intent, paid.status) == (declined.payment_intent, "succeeded")


def test_a_card_holder_may_have_to_confirm_first(gateway: Gateway) -> None:
    payment = pay(gateway, "pm_card_authenticationRequired")

    assert (payment.status, payment.amount_received_cents) == ("requires_action", 0)
    assert gateway.cancel_payment(payment.payment_intent, idempotency_key=key()).status == "canceled"


def test_a_payment_without_a_card_waits(gateway: Gateway) -> None:
    payment = pay(gateway, None)

    assert payment.status == "requires_payment_method"
    assert payment.client_secret is not None
    assert payment.client_secret == gateway.fetch_client_secret(payment.payment_intent)
    assert payment.client_secret.startswith(f"{payment.payment_intent}_secret_")


def test_one_key_is_one_payment(gateway: Gateway) -> None:
    purchase, same = order(), key()

    first = gateway.start_payment(purchase, payment_method="pm_card_visa", idempotency_key=same)
    again = gateway.start_payment(purchase, payment_method="pm_card_visa", idempotency_key=same)

    assert again.payment_intent == first.payment_intent
    with pytest.raises(GatewayKeyReused):
        gateway.start_payment(order(amount_cents=1999), payment_method="pm_card_visa", idempotency_key=same)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"amount_cents": 1}, "amount_too_small"),
        ({"amount_cents": 100_000_000}, "amount_too_large"),
        ({"currency": "zzz"}, None),
    ],
)
def test_impossible_amounts_are_refused(
    gateway: Gateway, changes: dict[str, Any], reason: str | None
) -> None:
    with pytest.raises(GatewayRefused) as refused:
        pay(gateway, **changes)

    assert reason in (None, refused.value.reason)


def test_a_misspelt_parameter_is_refused(gateway: Gateway) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        gateway._client.v1.payment_intents.create({"amuont": 999, "currency": "usd"})  # type: ignore[typeddict-item,typeddict-unknown-key]

    assert refused.value.code in ("parameter_unknown", "parameter_missing")


def test_what_does_not_exist_is_unknown(gateway: Gateway) -> None:
    for look in (gateway.fetch_payment, gateway.fetch_client_secret):
        with pytest.raises(UnknownAtStripe):
            look("pi_3AAAAAAAAAAAAAAAAAAAAAAA")


def test_partial_refunds_add_up(gateway: Gateway) -> None:
    payment = pay(gateway)
    gateway.refund(payment.payment_intent, 400, idempotency_key=key(), reason="requested_by_customer")
    gateway.refund(payment.payment_intent, 100, idempotency_key=key())

    facts = gateway.fetch_payment(payment.payment_intent)
    with pytest.raises(GatewayRefused):
        gateway.refund(payment.payment_intent, 500, idempotency_key=key())

    assert facts.refunded_cents == 500
    assert sorted(refund.amount_cents for refund in facts.refunds) == [100, 400]
    assert {refund.status for refund in facts.refunds} <= {"succeeded", "pending"}


def test_nothing_is_left_after_a_full_refund(gateway: Gateway) -> None:
    payment = pay(gateway)
    refund = gateway.refund(payment.payment_intent, 999, idempotency_key=key())

    with pytest.raises(GatewayRefused) as refused:
        gateway.refund(payment.payment_intent, 1, idempotency_key=key())

    assert refused.value.reason == "charge_already_refunded"
    assert gateway.fetch_refund(refund.refund).payment_intent == payment.payment_intent


def test_money_that_never_came_cannot_be_refunded(gateway: Gateway) -> None:
    payment = pay(gateway, None)

    with pytest.raises(GatewayRefused):
        gateway.refund(payment.payment_intent, 1, idempotency_key=key())


def test_a_paid_payment_cannot_be_canceled(gateway: Gateway) -> None:
    payment = pay(gateway)

    with pytest.raises(GatewayRefused) as refused:
        gateway.cancel_payment(payment.payment_intent, idempotency_key=key())

    assert refused.value.reason == "payment_intent_unexpected_state"


def disputes(gateway: Gateway, payment: PaymentFacts) -> Any:
    return gateway.fetch_payment(payment.payment_intent).disputes


def test_a_dispute_is_won_by_evidence(gateway: Gateway) -> None:
    payment = pay(gateway, "pm_card_createDispute")
    (dispute,) = eventually(lambda: disputes(gateway, payment))
    taken = gateway.fetch_payment(payment.payment_intent).is_disputed
    with pytest.raises(GatewayRefused) as refused:
        gateway.refund(payment.payment_intent, 100, idempotency_key=key())

    gateway.close_dispute(dispute.dispute, won=True)

    assert (dispute.status, dispute.amount_cents, dispute.takes_money, taken) == (
        "needs_response",
        999,
        True,
        True,
    )
    assert refused.value.reason == "charge_disputed"
    assert eventually(lambda: disputes(gateway, payment)[0].status == "won")
    assert not gateway.fetch_payment(payment.payment_intent).is_disputed


def test_an_inquiry_takes_nothing(gateway: Gateway) -> None:
    payment = pay(gateway, "pm_card_createDisputeInquiry")

    (dispute,) = eventually(lambda: disputes(gateway, payment))

    assert (dispute.status, dispute.is_inquiry, dispute.takes_money) == (
        "warning_needs_response",
        True,
        False,
    )
    assert not gateway.fetch_payment(payment.payment_intent).is_disputed


def test_a_charge_leads_to_its_payment(gateway: Gateway) -> None:
    payment = pay(gateway)

    assert payment.charge is not None
    assert gateway.find_payment_by_charge(payment.charge) == payment.payment_intent


def test_new_payments_and_their_events_are_listed(gateway: Gateway) -> None:
    begin = datetime.now(UTC) - timedelta(minutes=5)
    payment = pay(gateway)

    listed = next(iter(gateway.list_payments(created_gte=begin)))
    result = eventually(lambda: succeeded(gateway, begin, payment))

    assert listed.payment_intent == payment.payment_intent
    assert (result.object_type, result.livemode) == ("payment_intent", False)
    assert gateway.fetch_event(result.event_id).payment_intent == payment.payment_intent


def succeeded(gateway: Gateway, begin: datetime, payment: PaymentFacts) -> Any:
    events = gateway.list_events(created_gte=begin, types=["payment_intent.succeeded"])
    return next((event for event in events if event.payment_intent == payment.payment_intent), None)
