"""The built-in Stripe: refunds, disputes, inquiries."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from ledger.stripe_gateway import GatewayRefused
from tests.sandbox_world import START, World


@pytest.fixture
def world(engine: Engine) -> Iterator[World]:
    world = World(engine)
    yield world
    world.gateway.close()


def test_partial_refunds_add_up_and_never_exceed_the_payment(world: World) -> None:
    payment = world.pays()
    world.refunds(payment, 400)
    world.refunds(payment, 100)

    with pytest.raises(GatewayRefused):
        world.refunds(payment, 500)

    facts = world.sees(payment)
    assert facts.refunded_cents == 500
    assert [refund.amount_cents for refund in facts.refunds] == [400, 100]
    assert world.delivered_types.count("charge.refunded") == 2


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
    assert world.delivered_types == ["refund.failed", "refund.updated", "charge.refund.updated"]
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
    assert world.delivered_types[-2:] == ["charge.dispute.created", "charge.dispute.funds_withdrawn"]
    with pytest.raises(GatewayRefused) as refused:
        world.refunds(payment, 100)
    assert refused.value.reason == "charge_disputed"


def test_a_won_dispute_returns_the_money_and_the_fee(world: World) -> None:
    payment = world.pays("pm_card_createDispute")
    world.forget()

    world.gateway.close_dispute(world.sees(payment).disputes[0].dispute, won=True)

    (dispute,) = world.sees(payment).disputes
    assert (dispute.status, dispute.takes_money, dispute.fee_cents) == ("won", False, 0)
    assert world.delivered_types == ["charge.dispute.funds_reinstated", "charge.dispute.closed"]


def test_a_lost_dispute_keeps_the_money_away(world: World) -> None:
    payment = world.pays("pm_card_createDispute")
    world.forget()

    world.gateway.close_dispute(world.sees(payment).disputes[0].dispute, won=False)

    assert world.sees(payment).is_disputed
    assert world.delivered_types == ["charge.dispute.closed"]


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

    assert world.delivered_types == ["radar.early_fraud_warning.created"]
    assert world.events[0].payment_intent == payment.payment_intent
    assert world.sees(payment).is_paid
