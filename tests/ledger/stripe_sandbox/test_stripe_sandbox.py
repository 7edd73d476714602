"""The built-in Stripe: payments, cards that fail, idempotency keys, lists."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from ledger.stripe_gateway import GatewayKeyReused, GatewayRefused, UnknownAtStripe
from tests.databases import migrated_database
from tests.sandbox_world import START, World, order
from tests.shop import NEVER_STORED


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
    assert world.delivered_types == ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]


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
    assert world.delivered_types[-2:] == ["charge.failed", "payment_intent.payment_failed"]


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

    canceled = world.gateway.cancel_payment(payment.payment_intent, idempotency_key="c", reason="abandoned")

    assert payment.status == "requires_payment_method"
    assert (canceled.status, canceled.cancellation_reason) == ("canceled", "abandoned")
    assert world.delivered_types == ["payment_intent.created", "payment_intent.canceled"]


def test_a_card_holder_who_confirms_pays(world: World) -> None:
    unconfirmed = world.pays("pm_card_authenticationRequired")

    paid = world.gateway.complete_authentication(unconfirmed.payment_intent)

    assert (unconfirmed.status, unconfirmed.amount_received_cents, unconfirmed.charge) == (
        "requires_action",
        0,
        None,
    )
    assert paid.status == "succeeded"
    assert "payment_intent.requires_action" in world.delivered_types


def test_a_card_holder_who_refuses_does_not_pay(world: World) -> None:
    unconfirmed = world.pays("pm_card_authenticationRequired")

    refused = world.gateway.complete_authentication(unconfirmed.payment_intent, succeed=False)

    assert (refused.status, refused.amount_received_cents) == ("requires_payment_method", 0)
    assert refused.failure is not None
    assert refused.failure.code == "payment_intent_authentication_failure"


def test_reserved_money_is_received_only_when_captured(world: World) -> None:
    client = world.gateway._client.v1.payment_intents
    declined = client.create(
        {
            "amount": 5000,
            "currency": "usd",
            "payment_method": "pm_card_visa",
            "confirm": True,
            "capture_method": "manual",
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
        }
    )
    before = world.gateway.fetch_payment(declined.id)

    client.capture(declined.id, {"amount_to_capture": 3000})

    after = world.gateway.fetch_payment(declined.id)
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
    assert world.delivered_types == []


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
    assert world.delivered_types.count("charge.failed") == 1


@pytest.mark.parametrize("forgetting", [False, True])
def test_a_key_is_known_for_a_day_and_then_makes_a_second_payment(world: World, *, forgetting: bool) -> None:
    first = world.gateway.start_payment(order(), payment_method="pm_card_visa", idempotency_key="same")
    world.now += timedelta(hours=24)
    known = world.gateway.start_payment(order(), payment_method="pm_card_visa", idempotency_key="same")
    world.now += timedelta(seconds=1)
    if forgetting:
        world.gateway.run_due()

    second = world.gateway.start_payment(order(), payment_method="pm_card_visa", idempotency_key="same")

    assert known.payment_intent == first.payment_intent
    assert second.payment_intent != first.payment_intent


def test_a_refused_request_does_not_use_its_key_up(world: World) -> None:
    with pytest.raises(GatewayRefused):
        world.gateway.start_payment(order(amount_cents=1), idempotency_key="same")

    payment = world.gateway.start_payment(order(), idempotency_key="same")

    assert payment.amount_cents == 999


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
    assert "last4" not in everything
    assert not [trace for trace in NEVER_STORED if trace in everything]


def test_the_same_story_makes_the_same_ids(world: World) -> None:
    payment = world.pays()

    with migrated_database() as other:
        twin = World(other)
        again = twin.pays()
        twin.gateway.close()

    assert (again.payment_intent, again.charge) == (payment.payment_intent, payment.charge)
