"""The gateway: proof that Stripe sent an event just now, and what the event is about."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ledger.settings import Secret, Settings
from ledger.stripe_gateway import BadSignature, Gateway, build_gateway
from ledger.stripe_gateway.signatures import sign
from tests.sandbox_world import START

SECRET = "whsec_current"
EVENT = {
    "id": "evt_1",
    "object": "event",
    "api_version": "2020-08-27",
    "created": 1_700_000_000,
    "livemode": False,
    "type": "charge.refunded",
    "data": {"object": {"id": "ch_1", "object": "charge", "payment_intent": "pi_1", "metadata": {"a": "ü"}}},
}
RAW = json.dumps(EVENT, ensure_ascii=False).encode()


def gateway() -> Gateway:
    return build_gateway(Settings(data_dir=Path(".data"), stripe_api_key=Secret("sk_test_a")))


def test_a_signed_event_is_read(now: datetime) -> None:
    header = sign(RAW, SECRET, now)

    event = gateway().verify_event(RAW, header, [SECRET], now)

    assert (event.event_id, event.type, event.livemode) == ("evt_1", "charge.refunded", False)
    assert (event.charge, event.payment_intent, event.metadata) == ("ch_1", "pi_1", {"a": "ü"})
    assert (event.raw, len(event.sha256)) == (RAW, 64)


def test_either_of_two_secrets_is_enough_while_one_is_replaced(now: datetime) -> None:
    stripe = gateway()
    old = sign(RAW, "whsec_old", now)
    both = f"{old},{sign(RAW, SECRET, now).partition(',')[2]}"

    assert stripe.verify_event(RAW, old, [SECRET, "whsec_old"], now).event_id == "evt_1"
    assert stripe.verify_event(RAW, both, [SECRET], now).event_id == "evt_1"


@pytest.mark.parametrize(
    ("raw", "header", "secrets"),
    [
        (RAW, None, [SECRET]),
        (RAW, "", [SECRET]),
        (RAW, "t=1,v1=", [SECRET]),
        (RAW, "t=now,v1=abc", [SECRET]),
        (RAW, "v1=abc", [SECRET]),
        (RAW, sign(RAW, "whsec_other", START), [SECRET]),
        (RAW, sign(RAW, SECRET, START).replace("v1=", "v0="), [SECRET]),
        (RAW + b" ", sign(RAW, SECRET, START), [SECRET]),
        (json.dumps(EVENT, indent=1).encode(), sign(RAW, SECRET, START), [SECRET]),
        (b"\xff\xfe", sign(RAW, SECRET, START), [SECRET]),
        (RAW, sign(RAW, SECRET, START), []),
        (RAW, sign(RAW, SECRET, START), [""]),
    ],
)
def test_what_stripe_did_not_sign_is_refused(raw: bytes, header: str | None, secrets: list[str]) -> None:
    with pytest.raises(BadSignature):
        gateway().verify_event(raw, header, secrets, START)


def test_an_empty_secret_signs_nothing(now: datetime) -> None:
    forged = "t=1772323200,v1=" + "0" * 64

    for secrets in (["", "  "], []):
        with pytest.raises(BadSignature, match="no webhook secret"):
            gateway().verify_event(RAW, forged, secrets, now)


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_five_minutes_either_way_are_allowed(now: datetime, seconds: int) -> None:
    header = sign(RAW, SECRET, now + timedelta(seconds=seconds))

    assert gateway().verify_event(RAW, header, [SECRET], now).event_id == "evt_1"


@pytest.mark.parametrize("seconds", [-301, 301, 86_400, -86_400])
def test_an_old_or_future_signature_is_refused(now: datetime, seconds: int) -> None:
    header = sign(RAW, SECRET, now + timedelta(seconds=seconds))

    with pytest.raises(BadSignature):
        gateway().verify_event(RAW, header, [SECRET], now)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b'"evt_1"',
        b"{}",
        b"{",
        b'{"id": "evt_1", "object": "v2.core.event"}',
        b'{"id": 5}',
    ],
)
def test_a_signed_body_that_is_no_event_is_refused(now: datetime, body: bytes) -> None:
    with pytest.raises(BadSignature):
        gateway().verify_event(body, sign(body, SECRET, now), [SECRET], now)
