"""The built-in Stripe: which requests it takes, and over which wire."""

import re
from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
import stripe
from sqlalchemy import Engine

from ledger.stripe_gateway.client import SANDBOX_KEY, build_client
from ledger.stripe_sandbox import Sandbox, SandboxHTTPClient
from ledger.stripe_sandbox.forms import decode
from ledger.stripe_sandbox.routes import ROUTES
from ledger.stripe_sandbox.server import build_server
from ledger.stripe_sandbox.validation import adapter
from tests.sandbox_world import START

CARD: dict[str, Any] = {
    "amount": 999,
    "currency": "usd",
    "payment_method": "pm_card_visa",
    "confirm": True,
    "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
}


@pytest.fixture
def sandbox(engine: Engine) -> Iterator[Sandbox]:
    sandbox = Sandbox(engine, clock=lambda: START)
    yield sandbox
    sandbox.close()


@pytest.fixture
def client(sandbox: Sandbox) -> stripe.StripeClient:
    return build_client(SANDBOX_KEY, SandboxHTTPClient(sandbox))


@pytest.mark.parametrize(
    ("wrong", "code", "param"),
    [
        ({"amuont": 1}, "parameter_unknown", "amuont"),
        (
            {"automatic_payment_methods": {"enable": True}},
            "parameter_missing",
            "automatic_payment_methods[enabled]",
        ),
        ({"amount": "9.99"}, "parameter_invalid_integer", "amount"),
        ({"amount": ""}, "parameter_invalid_integer", "amount"),
        ({"capture_method": "sometimes"}, None, "capture_method"),
        ({"confirm": "perhaps"}, None, "confirm"),
        ({"application_fee_amount": 5}, "sandbox_unimplemented", "application_fee_amount"),
    ],
)
def test_a_wrong_parameter_is_refused_by_its_name(
    client: stripe.StripeClient, wrong: dict[str, Any], code: str | None, param: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.payment_intents.create(CARD | wrong)  # type: ignore[arg-type]

    assert (refused.value.code, refused.value.param, refused.value.http_status) == (code, param, 400)


def test_a_missing_parameter_is_named(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.payment_intents.create({"currency": "usd"})  # type: ignore[typeddict-item]

    assert (refused.value.code, refused.value.param) == ("parameter_missing", "amount")


def test_a_wrong_reason_of_a_refund_is_refused(client: stripe.StripeClient) -> None:
    payment = client.v1.payment_intents.create(CARD)  # type: ignore[arg-type]

    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.refunds.create({"payment_intent": payment.id, "reason": "because"})

    assert refused.value.param == "reason"


def test_a_server_side_payment_must_say_that_it_cannot_redirect(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.payment_intents.create(CARD | {"automatic_payment_methods": {"enabled": True}})  # type: ignore[arg-type]

    assert refused.value.param == "return_url"


def test_what_is_not_built_fails_loudly(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.payouts.create({"amount": 1, "currency": "usd"})

    assert refused.value.http_status == 404
    assert "does not implement POST /v1/payouts" in str(refused.value)


@pytest.mark.parametrize("key", ["sk_live_abc", "pk_test_abc", "sk_org_test_abc", ""])
def test_only_test_keys_are_taken(sandbox: Sandbox, key: str) -> None:
    client = build_client(key, SandboxHTTPClient(sandbox))

    with pytest.raises(stripe.AuthenticationError):
        client.v1.payment_intents.list()


def test_a_card_error_is_the_librarys_own_with_the_payment_inside(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.CardError) as declined:
        client.v1.payment_intents.create(CARD | {"payment_method": "pm_card_visa_chargeDeclined"})  # type: ignore[arg-type]

    error = declined.value
    assert (error.code, error.http_status) == ("card_declined", 402)
    assert error.error is not None
    assert error.error.decline_code == "generic_decline"
    assert error.error.payment_intent.status == "requires_payment_method"


def test_only_references_can_be_expanded(client: stripe.StripeClient) -> None:
    payment = client.v1.payment_intents.create(CARD)  # type: ignore[arg-type]

    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.retrieve(payment.id, {"expand": ["status"]})

    read = client.v1.payment_intents.retrieve(payment.id, {"expand": ["latest_charge.balance_transaction"]})
    assert isinstance(read.latest_charge, stripe.Charge)
    assert isinstance(read.latest_charge.balance_transaction, stripe.BalanceTransaction)


@pytest.mark.parametrize("limit", [0, 101])
def test_a_page_has_one_to_a_hundred_members(client: stripe.StripeClient, limit: int) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.list({"limit": limit})


def test_every_route_names_only_parameters_that_stripe_knows() -> None:
    typed = [route for route in ROUTES if route.typed is not None]

    for route in typed:
        assert adapter(route.typed, route.implemented)

    assert len(typed) > 40


def test_every_object_says_that_it_is_neither_live_nor_stripes(client: stripe.StripeClient) -> None:
    client.v1.payment_intents.create(CARD)  # type: ignore[arg-type]
    charge = client.v1.charges.list().data[0]
    booking = client.v1.balance_transactions.list().data[0]

    assert charge.livemode is False
    assert re.fullmatch(r"ch_sbx_[0-9a-f]{24}", charge.id)
    assert re.fullmatch(r"txn_sbx_[0-9a-f]{24}", booking.id)
    assert (booking.amount, booking.fee, booking.net) == (999, 59, 940)
    assert "assumed" in str(booking.fee_details[0].description)


@pytest.mark.parametrize(
    ("encoded", "decoded"),
    [
        ("amount=999&metadata[a%20b]=c%26d", {"amount": "999", "metadata": {"a b": "c&d"}}),
        ("items[0][price]=p1&items[1][price]=p2", {"items": [{"price": "p1"}, {"price": "p2"}]}),
        ("expand[]=a&expand[]=b", {"expand": ["a", "b"]}),
        ("metadata=", {"metadata": ""}),
        ("", {}),
    ],
)
def test_forms_are_decoded_as_stripe_encodes_them(encoded: str, decoded: dict[str, Any]) -> None:
    assert decode(encoded) == decoded


def test_the_same_sandbox_answers_over_http_on_loopback(sandbox: Sandbox) -> None:
    server = build_server(sandbox, 0)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    transport = stripe.RequestsClient(timeout=60)
    client = build_client(SANDBOX_KEY, transport, f"http://127.0.0.1:{server.server_port}")

    payment = client.v1.payment_intents.create(CARD, {"idempotency_key": "over http"})  # type: ignore[arg-type]
    with pytest.raises(stripe.CardError):
        client.v1.payment_intents.create(CARD | {"payment_method": "pm_card_visa_chargeDeclined"})  # type: ignore[arg-type]

    inside = build_client(SANDBOX_KEY, SandboxHTTPClient(sandbox))
    assert inside.v1.payment_intents.retrieve(payment.id).status == "succeeded"
    transport.close()
    server.shutdown()
    server.server_close()
    thread.join()
