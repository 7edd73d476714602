"""Webhook bodies: signature verification and envelopes."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import stripe

from ledger.stripe_gateway.errors import BadSignature
from ledger.stripe_gateway.facts import EventEnvelope
from ledger.stripe_gateway.readers import Json, born, id_of, read_metadata
from ledger.validation import is_valid_text

TOLERANCE_SECONDS = 300
ID_LENGTH = 255
DEEPEST = 50
"""Maximum nesting of a body; Stripe's have about a dozen levels."""


def verify_signature(raw: bytes, header: str | None, secrets: Iterable[str], now: datetime) -> None:
    """Raise BadSignature unless one of `secrets` signed `raw` within 300 s of `now`, earlier or later.

    Skip empty secrets, which anyone can sign with. Stripe's own check accepts future timestamps.
    """
    usable = [secret for secret in secrets if secret.strip()]
    if not usable:
        raise BadSignature("no webhook secret is configured")
    if not any(is_signed(raw, header, secret) for secret in usable):
        raise BadSignature("no signature matches")
    age = now.timestamp() - signed_at(header or "")
    if abs(age) > TOLERANCE_SECONDS:
        raise BadSignature(
            f"signed {abs(age):.0f} s {'ago' if age > 0 else 'ahead'}; allowed are {TOLERANCE_SECONDS} s"
        )


def is_signed(raw: bytes, header: str | None, secret: str) -> bool:
    """Return True when the header has this secret's signature of exactly these bytes, at any time."""
    try:
        stripe.WebhookSignature.verify_header(raw, header, secret)
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        return False
    return True


def signed_at(header: str) -> int:
    """Return the timestamp of a header that `is_signed` accepted, in unix seconds."""
    parts = (part.split("=", 2) for part in header.split(","))
    return next(int(part[1]) for part in parts if part[0] == "t")


def sign(raw: bytes, secret: str, at: datetime) -> str:
    """Return the `Stripe-Signature` header of a body sent at `at`."""
    header: str = stripe.WebhookSignature.generate_signature_header(raw.decode(), secret, int(at.timestamp()))
    return header


def read_event(raw: bytes) -> EventEnvelope:
    """Return the envelope of a stored or fetched body, without verifying its origin.

    Raise BadSignature when the body is not an event (not JSON, a thin notification, or not storable).
    """
    try:
        body = json.loads(raw)
        _check_depth(body, DEEPEST)
        return envelope_of(body, raw)
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, OSError, RecursionError):
        raise BadSignature("the body is not a snapshot event") from None


def envelope_of(body: Mapping[str, Any], raw: bytes) -> EventEnvelope:
    """Return the envelope of a parsed event, from reference fields that differ between API versions."""
    inside = body["data"]["object"]
    kind = inside.get("object")
    own = {kind: id_of(inside)}
    details = (inside.get("parent") or {}).get("subscription_details") or {}
    return EventEnvelope(
        event_id=require_event_id(body["id"]),
        type=_storable_text(body["type"]),
        api_version=None if body.get("api_version") is None else _storable_text(body["api_version"]),
        livemode=bool(body["livemode"]),
        created=born(body),
        account=body.get("account"),
        object_type=kind,
        object_id=None if id_of(inside) is None else _storable_text(id_of(inside)),
        payment_intent=own.get("payment_intent") or id_of(inside.get("payment_intent")),
        charge=own.get("charge") or id_of(inside.get("charge")) or id_of(inside.get("latest_charge")),
        invoice=own.get("invoice") or id_of(inside.get("invoice")),
        subscription=own.get("subscription")
        or id_of(details.get("subscription"))
        or id_of(inside.get("subscription")),
        checkout_session=own.get("checkout.session"),
        customer=own.get("customer") or id_of(inside.get("customer")),
        metadata=read_metadata(inside),
        sha256=hashlib.sha256(raw).hexdigest(),
        raw=raw,
        object=inside,
    )


def require_event_id(value: object) -> str:
    """Return the event's id. Raise ValueError when it is not a short text."""
    if not isinstance(value, str) or not 1 <= len(value) <= ID_LENGTH:
        raise ValueError("an event needs an id")
    return _storable_text(value)


def _storable_text(value: object) -> str:
    if not isinstance(value, str) or not is_valid_text(value):
        raise ValueError("not a text that can be stored")
    return value


def _check_depth(value: object, levels: int) -> None:
    if not levels:
        raise ValueError("nested too deep")
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _check_depth(inner, levels - 1)


def raw_of(body: Json) -> bytes:
    """Return the canonical bytes of an event from Stripe's list, to store like a delivered one."""
    return json.dumps(body, separators=(",", ":"), sort_keys=True, ensure_ascii=False, default=str).encode()
