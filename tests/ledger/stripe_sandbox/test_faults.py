"""The built-in Stripe: what goes wrong on purpose, and how its events are delivered all the same."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import Engine

from ledger.settings import load_settings
from ledger.stripe_gateway import (
    FAULTS,
    EventEnvelope,
    GatewayRefused,
    GatewayUnavailable,
    PaymentFacts,
    build_gateway,
)
from tests.commands import PATIENCE_SECONDS
from tests.sandbox_world import START, World, order

PAID = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]


@pytest.fixture
def world(engine: Engine) -> Iterator[World]:
    world = World(engine)
    yield world
    world.gateway.close()


def test_the_same_key_returns_a_lost_answer_after_success(world: World) -> None:
    world.gateway.plan_fault("timeout_after_success")
    with pytest.raises(GatewayUnavailable) as lost:
        world.gateway.start_payment(order(), payment_method="pm_card_visa", idempotency_key="same")

    again = world.gateway.start_payment(order(), payment_method="pm_card_visa", idempotency_key="same")

    assert lost.value.outcome_unknown is True
    assert again.is_paid
    assert [payment.payment_intent for payment in world.gateway.list_payments(created_gte=START)] == [
        again.payment_intent
    ]


@pytest.mark.parametrize(("fault", "unknown"), [("rate_limited", False), ("server_error", True)])
def test_a_refusing_stripe_has_done_nothing(world: World, fault: str, *, unknown: bool) -> None:
    world.gateway.plan_fault(fault)
    with pytest.raises(GatewayUnavailable) as failed:
        world.gateway.start_payment(order(), payment_method="pm_card_visa", idempotency_key="same")
    nothing = list(world.gateway.list_payments(created_gte=START))

    again = world.gateway.start_payment(order(), payment_method="pm_card_visa", idempotency_key="same")

    assert failed.value.outcome_unknown is unknown
    assert nothing == []
    assert again.is_paid


def test_a_fault_hits_as_often_as_it_was_planned(world: World) -> None:
    world.gateway.plan_fault("rate_limited", times=2)

    for _ in range(2):
        with pytest.raises(GatewayUnavailable):
            world.pays()

    assert world.pays().is_paid


def test_a_late_webhook_arrives_when_its_time_has_come(world: World) -> None:
    world.gateway.plan_fault("webhook_late")
    world.pays()
    at_once = world.delivered_types.copy()

    world.waits(minutes=1)

    assert at_once == []
    assert world.delivered_types == PAID


def test_a_duplicate_webhook_is_the_same_event_twice(world: World) -> None:
    world.gateway.plan_fault("webhook_duplicate")

    world.pays()

    assert world.delivered_types == PAID + PAID
    assert len({event.event_id for event in world.events}) == 3
    assert len({event.sha256 for event in world.events}) == 3


def test_webhooks_out_of_order_come_newest_first(world: World) -> None:
    world.gateway.plan_fault("webhook_out_of_order")

    world.pays()

    assert world.delivered_types == PAID[::-1]


def test_a_lost_webhook_is_only_in_the_list(world: World) -> None:
    world.gateway.plan_fault("webhook_lost")
    world.pays()
    world.waits(days=2)

    listed = list(world.gateway.list_events(created_gte=START, types=["payment_intent.succeeded"]))

    assert world.delivered_types == []
    assert [event.type for event in listed] == ["payment_intent.succeeded"]
    assert world.gateway.fetch_event(listed[0].event_id) == listed[0]


def test_what_happens_by_itself_suffers_faults_too(world: World) -> None:
    payment = world.pays("pm_card_refundFail")
    world.refunds(payment, 999)
    world.forget()
    world.gateway.plan_fault("webhook_duplicate")

    world.waits(minutes=1)

    assert world.delivered_types == ["refund.failed", "refund.updated", "charge.refund.updated"] * 2


def test_a_planned_refund_failure_comes_later(world: World) -> None:
    payment = world.pays()
    world.gateway.plan_fault("refund_fails_later")
    refund = world.refunds(payment, 300)

    world.waits(minutes=1)

    assert refund.status == "succeeded"
    assert world.gateway.fetch_refund(refund.refund).status == "failed"


def test_a_late_fee_is_unknown_and_not_zero(world: World) -> None:
    world.gateway.plan_fault("fee_late")
    payment = world.pays()

    world.waits(minutes=1)

    assert (payment.fee_cents, payment.net_cents) == (None, None)
    assert world.sees(payment).fee_cents == 59
    assert world.delivered_types[-1] == "charge.updated"


def test_an_unknown_fault_is_refused(world: World) -> None:
    with pytest.raises(GatewayRefused):
        world.gateway.plan_fault("earthquake")  # type: ignore[arg-type]

    for fault in FAULTS:
        world.gateway.plan_fault(fault, times=0)


def test_an_event_that_nobody_took_is_delivered_again(engine: Engine) -> None:
    taken: list[EventEnvelope] = []
    broken = [True]
    now = [START]

    def deliver(raw: bytes, header: str) -> None:
        if broken[0]:
            raise ConnectionError("the inbox is away")
        taken.append(gateway.verify_event(raw, header, gateway.signing_secrets, now[0]))

    gateway = build_gateway(load_settings({}), engine=engine, deliver=deliver, clock=lambda: now[0])
    gateway.start_payment(order(), payment_method="pm_card_visa", idempotency_key="key")
    broken[0] = False

    early = gateway.run_due()
    now[0] += timedelta(minutes=1)
    late = gateway.run_due()

    assert (early, late, gateway.run_due()) == (0, 3, 0)
    assert [event.type for event in taken] == PAID
    gateway.close()


def test_nobody_listening_loses_nothing(engine: Engine) -> None:
    world = World(engine, listening=False)
    world.pays()

    assert world.gateway.run_due() == 0
    assert {event.type for event in world.gateway.list_events(created_gte=START)} == set(PAID)
    world.gateway.close()


def test_many_event_types_are_requested_in_several_requests(world: World) -> None:
    world.pays()
    types = [f"nothing.like_this_{number}" for number in range(25)] + PAID

    listed = list(world.gateway.list_events(created_gte=START, types=types))

    assert sorted(event.type for event in listed) == sorted(PAID)


def test_two_at_once_with_one_key_make_one_payment(world: World) -> None:
    answers: list[PaymentFacts] = []

    def pay() -> None:
        answers.append(
            world.gateway.start_payment(order(), payment_method="pm_card_visa", idempotency_key="same")
        )

    threads = [Thread(target=pay) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({answer.payment_intent for answer in answers}) == 1
    assert len(list(world.gateway.list_payments(created_gte=START))) == 1


def test_two_refunds_at_once_never_exceed_the_payment(world: World) -> None:
    payment = world.pays()
    refused: list[GatewayRefused] = []

    def refund(number: int) -> None:
        try:
            world.gateway.refund(payment.payment_intent, 600, idempotency_key=f"refund-{number}")
        except GatewayRefused as error:
            refused.append(error)

    threads = [Thread(target=refund, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(refused) == 3
    assert world.sees(payment).refunded_cents == 600


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from ledger.database import connect
from ledger.settings import load_settings
from ledger.stripe_gateway import build_gateway
from tests.sandbox_world import order

def die(raw, header):
    os.kill(os.getpid(), signal.SIGKILL)

now = datetime(2026, 3, 1, tzinfo=UTC)
gateway = build_gateway(load_settings({}), engine=connect(sys.argv[1]), deliver=die, clock=lambda: now)
gateway.start_payment(order(), payment_method="pm_card_visa", idempotency_key="same")
"""


def test_money_taken_before_a_process_was_killed_stays_taken(engine: Engine, world: World) -> None:
    url = engine.url.render_as_string(hide_password=False)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, url], env=os.environ, check=False, timeout=PATIENCE_SECONDS
    )
    world.now += timedelta(minutes=5)

    delivered = world.gateway.run_due()

    (payment,) = world.gateway.list_payments(created_gte=START)
    assert killed.returncode == -signal.SIGKILL
    assert payment.is_paid
    assert delivered == 3
    assert world.delivered_types == PAID


def test_delivered_bytes_are_the_listed_event(world: World) -> None:
    world.pays()

    listed = world.gateway.fetch_event(world.events[-1].event_id)

    assert json.loads(listed.raw) == json.loads(world.events[-1].raw)
