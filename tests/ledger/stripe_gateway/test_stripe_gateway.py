"""The gateway: the guard of simulations, where a key may go, errors in our own words."""

import json
from pathlib import Path
from typing import Any

import pytest
import stripe
from sqlalchemy import Engine

from ledger.settings import Secret, Settings
from ledger.stripe_gateway import (
    Gateway,
    GatewayKeyReused,
    GatewayRefused,
    GatewayUnavailable,
    PaymentDeclined,
    PermissionMissing,
    SimulationRefused,
    UnknownAtStripe,
    build_gateway,
)
from ledger.stripe_gateway.client import build_client
from ledger.stripe_gateway.errors import translated
from tests.sandbox_world import START, World, order


class Wire(stripe.HTTPClient):
    """Counts requests and answers all of them alike."""

    name = "wire"

    def __init__(self, status: int = 200, body: dict[str, Any] | None = None) -> None:
        super().__init__()
        self.status = status
        self.body = body or {}
        self.requests: list[tuple[str, str]] = []

    def request(self, method: str, url: str, *_: Any, **__: Any) -> tuple[str, int, dict[str, str]]:
        self.requests.append((method, url))
        return json.dumps(self.body), self.status, {"stripe-should-retry": "false", "request-id": "req_1"}

    def close(self) -> None:
        self.requests.clear()


def gateway_of(key: str | None, engine: Engine | None = None, **more: Any) -> Gateway:
    settings = Settings(data_dir=Path(".data"), stripe_api_key=Secret(key) if key else None)
    return build_gateway(settings, engine=engine, **more)


def wired(key: str, wire: Wire) -> Gateway:
    """A gateway for a real key whose requests end in `wire`."""
    gateway = gateway_of(key)
    gateway._client = build_client(key, wire)
    return gateway


@pytest.mark.parametrize("key", ["sk_live_abc", "rk_live_abc"])
def test_a_live_key_simulates_nothing_and_sends_nothing(key: str) -> None:
    wire = Wire()
    gateway = wired(key, wire)
    simulations = [
        lambda: gateway.start_payment(order(), payment_method="pm_card_visa", idempotency_key="k"),
        lambda: gateway.retry_payment("pi_1", payment_method="pm_card_visa", idempotency_key="k"),
        lambda: gateway.create_customer(
            name="a", email="b", payment_method="pm_card_visa", idempotency_key="k"
        ),
        lambda: gateway.complete_authentication("pi_1"),
        lambda: gateway.open_dispute("pi_1"),
        lambda: gateway.close_dispute("du_1", won=True),
        lambda: gateway.warn_of_fraud("pi_1"),
        lambda: gateway.fail_refund("re_1"),
        lambda: gateway.complete_checkout("cs_1"),
        lambda: gateway.settle_checkout("cs_1", succeed=True),
        lambda: gateway.create_subscription("cus_1", "price_1", idempotency_key="k"),
        lambda: gateway.change_subscription("sub_1", "price_1", idempotency_key="k"),
        lambda: gateway.cancel_subscription("sub_1"),
        lambda: gateway.set_payment_method("cus_1", "pm_card_visa"),
        lambda: gateway.pay_invoice("in_1"),
        lambda: gateway.advance_clock(START),
        lambda: gateway.plan_fault("webhook_lost"),
        gateway.sandbox_now,
        gateway.require_test,
    ]

    for simulation in simulations:
        with pytest.raises(SimulationRefused):
            simulation()

    assert gateway.run_due() == 0
    assert wire.requests == []


def test_a_live_key_takes_real_payments() -> None:
    wire = Wire(body=json.loads(json.dumps(INTENT)))
    gateway = wired("sk_live_abc", wire)

    payment = gateway.start_payment(order(), idempotency_key="k")

    assert payment.client_secret == "pi_1_secret_2"
    assert wire.requests == [("post", "https://api.stripe.com/v1/payment_intents")]


INTENT = {
    "id": "pi_1",
    "object": "payment_intent",
    "amount": 999,
    "amount_received": 0,
    "client_secret": "pi_1_secret_2",
    "created": 1_772_323_200,
    "currency": "usd",
    "latest_charge": None,
    "livemode": True,
    "metadata": {},
    "status": "requires_payment_method",
}


def test_a_test_key_may_simulate_but_only_what_stripe_offers() -> None:
    wire = Wire()
    gateway = wired("rk_test_abc", wire)

    with pytest.raises(GatewayRefused) as refused:
        gateway.open_dispute("pi_1")

    gateway.require_test()
    assert refused.value.reason == "sandbox_only"
    assert wire.requests == []


@pytest.mark.parametrize("method", ["4242424242424242", "tok_visa", "pm_card_visa; drop", "", "PM_1"])
def test_card_numbers_and_tokens_never_pass_through(method: str) -> None:
    wire = Wire()

    with pytest.raises(GatewayRefused):
        wired("sk_test_abc", wire).start_payment(order(), payment_method=method, idempotency_key="k")

    assert wire.requests == []


@pytest.mark.parametrize(
    "value", ["../v1/payouts", "pi_1/confirm", "pi_1?expand", "", "pi 1", "PI_1", "pi_ü/"]
)
def test_ids_cannot_change_the_address_of_a_request(value: str) -> None:
    wire = Wire()

    with pytest.raises(GatewayRefused):
        wired("sk_test_abc", wire).fetch_payment(value)

    assert wire.requests == []


@pytest.mark.parametrize(
    ("base", "key"),
    [
        ("https://api.stripe.com.evil.example", "sk_test_a"),
        ("http://api.stripe.com", "sk_test_a"),
        ("https://127.0.0.1.evil.example", "sk_test_a"),
        ("http://127.0.0.1:12111", "sk_live_a"),
        ("http://localhost@evil.example", "sk_test_a"),
    ],
)
def test_a_key_is_sent_to_nobody_else(base: str, key: str) -> None:
    with pytest.raises(ValueError, match="requests to Stripe"):
        gateway_of(key, api_base=base)


@pytest.mark.parametrize(
    ("status", "error", "expected"),
    [
        (401, {"type": "invalid_request_error"}, PermissionMissing),
        (403, {"type": "invalid_request_error"}, PermissionMissing),
        (404, {"type": "invalid_request_error", "code": "resource_missing"}, UnknownAtStripe),
        (400, {"type": "idempotency_error"}, GatewayKeyReused),
        (400, {"type": "invalid_request_error", "code": "parameter_unknown", "param": "x"}, GatewayRefused),
        (402, {"type": "card_error", "code": "card_declined"}, PaymentDeclined),
        (429, {"type": "invalid_request_error", "code": "rate_limit"}, GatewayUnavailable),
        (500, {"type": "api_error"}, GatewayUnavailable),
    ],
)
def test_every_error_of_stripe_has_a_word_of_ours(
    status: int, error: dict[str, str], expected: type[Exception]
) -> None:
    wire = Wire(status, {"error": {"message": "No.", **error}})

    with pytest.raises(expected) as raised:
        wired("sk_test_secretsecret", wire).start_payment(order(), idempotency_key="k")

    assert type(raised.value) is expected
    assert "secretsecret" not in repr(raised.value)


def test_a_connection_that_fails_leaves_the_outcome_unknown() -> None:
    with pytest.raises(GatewayUnavailable) as failed, translated():
        raise stripe.APIConnectionError("timed out")

    assert failed.value.outcome_unknown is True


def test_the_library_logs_no_bodies_even_at_its_loudest_level(
    engine: Engine,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("stripe._util.STRIPE_LOG", "debug")
    caplog.set_level("DEBUG")
    world = World(engine)
    payment = world.pays()
    world.gateway.close()

    output = caplog.text + "".join(capfd.readouterr())

    assert payment.client_secret is not None
    assert payment.client_secret not in output
    assert "sk_test" not in output


def test_the_key_is_shown_only_in_part() -> None:
    gateway = gateway_of("sk_test_51Habcdefghijklmnop")

    assert gateway.masked_key == "sk_test_…mnop"
    assert "abcdefgh" not in repr(vars(gateway))


@pytest.mark.parametrize(
    ("key", "source", "served"),
    [
        (None, None, "sandbox"),
        (None, "demo", "sandbox"),
        ("sk_test_a", None, "stripe_test"),
        ("sk_test_a", "demo", "sandbox"),
        ("sk_live_a", "live", "live"),
        ("sk_live_a", "sandbox", "sandbox"),
    ],
)
def test_every_source_buys_through_its_own_gateway(
    engine: Engine, key: str | None, source: str | None, served: str
) -> None:
    gateway = gateway_of(key, engine, source=source)

    assert (gateway.source, gateway.livemode) == (served, served == "live")
    gateway.close()


@pytest.mark.parametrize(
    ("key", "source"), [(None, "live"), ("sk_test_a", "live"), ("sk_live_a", "stripe_test")]
)
def test_a_source_of_another_mode_is_not_served(key: str | None, source: str) -> None:
    with pytest.raises(ValueError, match="cannot serve"):
        gateway_of(key, source=source)


def test_the_sandbox_signs_with_a_secret_of_its_own(engine: Engine) -> None:
    world = World(engine)
    world.pays()

    (secret,) = world.gateway.signing_secrets

    assert secret.startswith("whsec_sbx_")
    twin = World(engine)
    assert twin.gateway.signing_secrets == (secret,)
    assert world.events
    twin.gateway.close()
    world.gateway.close()


def test_a_failed_payment_tells_people_why() -> None:
    with pytest.raises(PaymentDeclined) as declined, translated():
        raise stripe.CardError("Your card was declined.", None, "expired_card")

    assert (declined.value.reason, declined.value.code) == ("expired_card", "payment_declined")
    assert "expired" in declined.value.message
