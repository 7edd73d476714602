"""The built-in Stripe: payments, cards that fail, refunds, disputes and Checkout."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from ledger.stripe_gateway import GatewayKeyReused, GatewayRefused, UnknownAtStripe
from tests.databases import migrated_database
from tests.sandbox_world import START, World, order


@pytest.fixture
def world(engine: Engine) -> Iterator[World]:
    world = World(engine)
    yield world
    world.gateway.close()


def test_a_good_card_pays_at_once_and_the_fee_is_said_to_be_an_assumption(world: World) -> None:
    payment = world.pays("pm_card_visa")

    assert (payment.status, payment.amount_received_cents, payment.is_paid) == ("succeeded", 999, True)
    assert (payment.fee_cents, payment.net_cents, payment.fee_is_assumption) == (59, 940, True)
    assert payment.livemode is False
    assert payment.payment_intent.startswith("pi_sbx_")
    assert payment.metadata["purchase_id"] == order().purchase_id
    assert world.heard == ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]


def test_what_was_answered_is_what_is_read_later_but_for_the_client_secret(world: World) -> None:
    payment = world.pays()

    read = world.sees(payment)

    assert read.client_secret is None
    assert payment.client_secret == world.gateway.fetch_client_secret(payment.payment_intent)
    assert read.charge == payment.charge
    assert read.paid_at == START


@pytest.mark.parametrize(
    ("card", "code", "decline_code"),
    [
        ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"),
        ("pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error"),
        ("pm_card_chargeCustomerFail", "card_declined", "generic_decline"),
    ],
)
def test_a_declined_card_is_an_answer_with_a_reason(
    world: World, card: str, code: str, decline_code: str
) -> None:
    payment = world.pays(card)

    assert (payment.status, payment.amount_received_cents) == ("requires_payment_method", 0)
    assert payment.failure is not None
    assert (payment.failure.code, payment.failure.decline_code) == (code, decline_code)
    assert world.sees(payment).failure == payment.failure
    assert world.heard[-2:] == ["charge.failed", "payment_intent.payment_failed"]


def test_a_declined_payment_is_paid_by_another_card_on_the_same_payment(world: World) -> None:
    payment = world.pays("pm_card_visa_chargeDeclined")

    second = world.gateway.retry_payment(
        payment.payment_intent, payment_method="pm_card_mastercard", idempotency_key="second"
    )

    assert second.payment_intent == payment.payment_intent
    assert (second.status, second.failure) == ("succeeded", None)


def test_a_paid_payment_cannot_be_retried_or_canceled(world: World) -> None:
    payment = world.pays()

    with pytest.raises(GatewayRefused) as retried:
        world.gateway.retry_payment(
            payment.payment_intent, payment_method="pm_card_visa", idempotency_key="r"
        )
    with pytest.raises(GatewayRefused) as canceled:
        world.gateway.cancel_payment(payment.payment_intent, idempotency_key="c")

    assert retried.value.reason == canceled.value.reason == "payment_intent_unexpected_state"


def test_a_payment_without_a_card_waits_and_can_be_given_up(world: World) -> None:
    payment = world.pays(None)

    canceled = world.gateway.cancel_payment(payment.payment_intent, idempotency_key="c")

    assert payment.status == "requires_payment_method"
    assert (canceled.status, canceled.cancellation_reason) == ("canceled", "abandoned")
    assert world.heard == ["payment_intent.created", "payment_intent.canceled"]


def test_a_card_holder_who_confirms_pays(world: World) -> None:
    asked = world.pays("pm_card_authenticationRequired")

    paid = world.gateway.complete_authentication(asked.payment_intent)

    assert (asked.status, asked.amount_received_cents, asked.charge) == ("requires_action", 0, None)
    assert paid.status == "succeeded"
    assert "payment_intent.requires_action" in world.heard


def test_a_card_holder_who_refuses_does_not_pay(world: World) -> None:
    asked = world.pays("pm_card_authenticationRequired")

    refused = world.gateway.complete_authentication(asked.payment_intent, succeed=False)

    assert (refused.status, refused.amount_received_cents) == ("requires_payment_method", 0)
    assert refused.failure is not None
    assert refused.failure.code == "payment_intent_authentication_failure"


def test_reserved_money_is_received_only_when_captured(world: World) -> None:
    client = world.gateway._client.v1.payment_intents
    held = client.create(
        {
            "amount": 5000,
            "currency": "usd",
            "payment_method": "pm_card_visa",
            "confirm": True,
            "capture_method": "manual",
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
        }
    )
    before = world.gateway.fetch_payment(held.id)

    client.capture(held.id, {"amount_to_capture": 3000})

    after = world.gateway.fetch_payment(held.id)
    assert (before.status, before.amount_received_cents) == ("requires_capture", 0)
    assert (after.status, after.amount_received_cents) == ("succeeded", 3000)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"amount_cents": 49}, "amount_too_small"),
        ({"amount_cents": 100_000_000}, "amount_too_large"),
        ({"currency": "zzz"}, "currency_not_supported"),
        ({"currency": "jpy", "amount_cents": 49}, "amount_too_small"),
        ({"customer": "cus_sbx_unknown"}, "resource_missing"),
    ],
)
def test_amounts_and_currencies_that_stripe_refuses_are_refused(
    world: World, changes: dict[str, object], reason: str
) -> None:
    with pytest.raises(GatewayRefused) as refused:
        world.pays(**changes)

    assert refused.value.reason == reason
    assert world.heard == []


def test_an_unknown_card_or_payment_is_unknown(world: World) -> None:
    with pytest.raises(UnknownAtStripe):
        world.pays("pm_card_of_a_stranger")
    with pytest.raises(UnknownAtStripe):
        world.gateway.fetch_payment("pi_sbx_unknown")
    with pytest.raises(UnknownAtStripe):
        world.gateway.fetch_refund(world.pays().payment_intent)


def test_one_key_is_one_payment(world: World) -> None:
    first = world.gateway.start_payment(order(), payment_method="pm_card_visa", idempotency_key="same")

    again = world.gateway.start_payment(order(), payment_method="pm_card_visa", idempotency_key="same")

    assert again == first
    assert again.client_secret == first.client_secret
    assert len(list(world.gateway.list_payments(created_gte=START))) == 1


def test_one_key_with_another_amount_is_an_error(world: World) -> None:
    world.gateway.start_payment(order(), payment_method="pm_card_visa", idempotency_key="same")

    with pytest.raises(GatewayKeyReused):
        world.gateway.start_payment(
            order(amount_cents=1999), payment_method="pm_card_visa", idempotency_key="same"
        )


def test_a_decline_repeated_with_its_key_is_the_same_decline(world: World) -> None:
    first = world.gateway.start_payment(
        order(), payment_method="pm_card_visa_chargeDeclined", idempotency_key="same"
    )

    again = world.gateway.start_payment(
        order(), payment_method="pm_card_visa_chargeDeclined", idempotency_key="same"
    )

    assert again == first
    assert world.heard.count("charge.failed") == 1


def test_a_refused_request_does_not_use_its_key_up(world: World) -> None:
    with pytest.raises(GatewayRefused):
        world.gateway.start_payment(order(amount_cents=1), idempotency_key="same")

    payment = world.gateway.start_payment(order(), idempotency_key="same")

    assert payment.amount_cents == 999


def test_partial_refunds_add_up_and_never_exceed_the_payment(world: World) -> None:
    payment = world.pays()
    world.refunds(payment, 400)
    world.refunds(payment, 100)

    with pytest.raises(GatewayRefused):
        world.refunds(payment, 500)

    facts = world.sees(payment)
    assert facts.refunded_cents == 500
    assert [refund.amount_cents for refund in facts.refunds] == [400, 100]
    assert world.heard.count("charge.refunded") == 2


def test_a_fully_refunded_payment_says_so(world: World) -> None:
    payment = world.pays()
    world.refunds(payment, 999)

    with pytest.raises(GatewayRefused) as refused:
        world.refunds(payment, 1)

    assert refused.value.reason == "charge_already_refunded"


def test_an_unpaid_payment_cannot_be_refunded(world: World) -> None:
    payment = world.pays("pm_card_visa_chargeDeclined")

    with pytest.raises(GatewayRefused):
        world.refunds(payment, 999)


def test_a_refund_that_fails_later_gives_the_money_back_to_us(world: World) -> None:
    payment = world.pays("pm_card_refundFail")
    refund = world.refunds(payment, 999)
    world.forget()

    world.waits(minutes=1)

    facts = world.sees(payment)
    assert refund.status == "succeeded"
    assert [one.status for one in facts.refunds] == ["failed"]
    assert facts.refunded_cents == 0
    assert world.heard == ["refund.failed", "refund.updated", "charge.refund.updated"]
    assert world.refunds(payment, 999).status == "succeeded"


def test_a_pending_refund_counts_and_succeeds_later(world: World) -> None:
    payment = world.pays("pm_card_pendingRefund")
    refund = world.refunds(payment, 999)
    before = world.sees(payment)

    world.waits(minutes=1)

    assert (refund.status, before.refunded_cents) == ("pending", 999)
    assert [one.status for one in world.sees(payment).refunds] == ["succeeded"]


def test_a_dispute_takes_the_money_and_a_fee(world: World) -> None:
    payment = world.pays("pm_card_createDispute")

    (dispute,) = world.sees(payment).disputes

    assert (dispute.status, dispute.amount_cents, dispute.fee_cents) == ("needs_response", 999, 1500)
    assert dispute.takes_money
    assert world.heard[-2:] == ["charge.dispute.created", "charge.dispute.funds_withdrawn"]
    with pytest.raises(GatewayRefused) as refused:
        world.refunds(payment, 100)
    assert refused.value.reason == "charge_disputed"


def test_a_won_dispute_returns_the_money_and_the_fee(world: World) -> None:
    payment = world.pays("pm_card_createDispute")
    world.forget()

    world.gateway.close_dispute(world.sees(payment).disputes[0].dispute, won=True)

    (dispute,) = world.sees(payment).disputes
    assert (dispute.status, dispute.takes_money, dispute.fee_cents) == ("won", False, 0)
    assert world.heard == ["charge.dispute.funds_reinstated", "charge.dispute.closed"]


def test_a_lost_dispute_keeps_the_money_away(world: World) -> None:
    payment = world.pays("pm_card_createDispute")
    world.forget()

    world.gateway.close_dispute(world.sees(payment).disputes[0].dispute, won=False)

    assert world.sees(payment).is_disputed
    assert world.heard == ["charge.dispute.closed"]


def test_an_inquiry_moves_no_money(world: World) -> None:
    payment = world.pays("pm_card_createDisputeInquiry")

    (dispute,) = world.sees(payment).disputes

    assert (dispute.is_inquiry, dispute.takes_money, dispute.fee_cents) == (True, False, None)
    assert world.refunds(payment, 999).status == "succeeded"
    assert world.gateway.close_dispute(dispute.dispute, won=False).status == "warning_closed"


def test_a_dispute_can_be_opened_long_after_the_payment(world: World) -> None:
    payment = world.pays()
    world.waits(days=30)

    dispute = world.gateway.open_dispute(payment.payment_intent, reason="product_not_received")

    assert (dispute.status, dispute.reason) == ("needs_response", "product_not_received")
    assert dispute.created == START + timedelta(days=30)


def test_an_early_warning_of_fraud_only_tells(world: World) -> None:
    payment = world.pays()
    world.forget()

    world.gateway.warn_of_fraud(payment.payment_intent)

    assert world.heard == ["radar.early_fraud_warning.created"]
    assert world.events[0].payment_intent == payment.payment_intent
    assert world.sees(payment).is_paid


def test_a_charge_leads_to_its_payment(world: World) -> None:
    payment = world.pays()
    assert payment.charge is not None

    assert world.gateway.find_payment_by_charge(payment.charge) == payment.payment_intent


def test_lists_are_newest_first_and_complete_over_many_pages(world: World) -> None:
    for number in range(105):
        world.pays(purchase_id=f"p{number}")

    listed = [payment.metadata["purchase_id"] for payment in world.gateway.list_payments(created_gte=START)]

    assert listed == [f"p{number}" for number in reversed(range(105))]


def test_lists_are_bounded_by_creation_half_open(world: World) -> None:
    world.pays(purchase_id="first")
    world.now += timedelta(hours=1)
    world.pays(purchase_id="second")

    early = list(world.gateway.list_payments(created_gte=START, created_lt=START + timedelta(hours=1)))
    late = list(world.gateway.list_payments(created_gte=START + timedelta(hours=1)))

    assert [payment.metadata["purchase_id"] for payment in early] == ["first"]
    assert [payment.metadata["purchase_id"] for payment in late] == ["second"]


def checkout(world: World) -> str:
    session = world.gateway.create_checkout_session(
        order(),
        success_url="https://minutes.example/purchase?session={CHECKOUT_SESSION_ID}",
        cancel_url="https://minutes.example/purchase",
        idempotency_key=next(world.keys),
    )
    assert session.url == f"https://minutes.example/purchase?sandbox_checkout={session.checkout_session}"
    return session.checkout_session


def test_a_customer_pays_on_the_payment_page(world: World) -> None:
    session = checkout(world)

    done = world.gateway.complete_checkout(session)

    assert (done.status, done.payment_status, done.amount_total_cents) == ("complete", "paid", 999)
    assert done.payment_intent is not None
    assert world.gateway.fetch_payment(done.payment_intent).metadata["purchase_id"] == order().purchase_id
    assert world.heard[-2:] == ["payment_intent.succeeded", "checkout.session.completed"]
    assert world.gateway.find_checkout_session(done.payment_intent) == done


def test_a_declined_card_leaves_the_payment_page_open(world: World) -> None:
    session = checkout(world)

    with pytest.raises(Exception, match="declined"):
        world.gateway.complete_checkout(session, payment_method="pm_card_visa_chargeDeclined")

    assert world.gateway.fetch_checkout_session(session).status == "open"
    assert world.gateway.complete_checkout(session).payment_status == "paid"


@pytest.mark.parametrize(
    ("succeed", "payment_status", "event"),
    [
        (True, "paid", "checkout.session.async_payment_succeeded"),
        (False, "unpaid", "checkout.session.async_payment_failed"),
    ],
)
def test_delayed_money_arrives_or_does_not(
    world: World, *, succeed: bool, payment_status: str, event: str
) -> None:
    session = checkout(world)
    completed = world.gateway.complete_checkout(session, delayed=True)
    assert completed.payment_intent is not None
    waiting = world.gateway.fetch_payment(completed.payment_intent)

    settled = world.gateway.settle_checkout(session, succeed=succeed)

    assert (completed.status, completed.payment_status, waiting.status) == (
        "complete",
        "unpaid",
        "processing",
    )
    assert settled.payment_status == payment_status
    assert world.heard[-1] == event


def test_an_abandoned_payment_page_expires_after_a_day(world: World) -> None:
    session = checkout(world)

    world.waits(days=1)

    assert world.gateway.fetch_checkout_session(session).status == "expired"
    assert world.heard == ["checkout.session.expired"]


def test_a_payment_page_can_be_closed_once(world: World) -> None:
    session = checkout(world)
    world.gateway.expire_checkout_session(session)

    with pytest.raises(GatewayRefused):
        world.gateway.complete_checkout(session)


def test_a_new_price_takes_the_lookup_key_from_the_old_one(world: World) -> None:
    old = world.sells(999)
    first = world.gateway.create_price(old.product, 1099, "usd", lookup_key="small", idempotency_key="first")
    second = world.gateway.create_price(
        old.product, 1199, "usd", lookup_key="small", idempotency_key="second"
    )

    archived = world.gateway.archive_price(old.price)

    assert archived.active is False
    assert second.lookup_key == "small"
    assert world.gateway.fetch_price(first.price).lookup_key is None
    active = world.gateway.list_prices(product=old.product, active=True)
    assert [price.amount_cents for price in active] == [1199, 1099]


def test_no_secret_and_no_card_datum_is_stored(world: World, engine: Engine) -> None:
    payment = world.pays()
    world.pays("pm_card_visa_chargeDeclined")
    assert payment.client_secret is not None

    with engine.connect() as db:
        stored = db.execute(
            text(
                "SELECT string_agg(body::text, '') FROM sandbox_objects "
                "UNION ALL SELECT string_agg(raw, '') FROM sandbox_events "
                "UNION ALL SELECT string_agg(answer::text, '') FROM sandbox_requests"
            )
        ).scalars()
        everything = "".join(stored)

    assert payment.payment_intent in everything
    assert "_secret_" not in everything
    assert "last4" not in everything
    assert "4242" not in everything


def test_the_same_story_makes_the_same_ids(world: World) -> None:
    payment = world.pays()

    with migrated_database() as other:
        twin = World(other)
        again = twin.pays()
        twin.gateway.close()

    assert (again.payment_intent, again.charge) == (payment.payment_intent, payment.charge)
