"""Bodies of Stripe events: stored without secrets and card data, shown without personal data to most roles."""

import json
from typing import Any

from sqlalchemy import Connection

from ledger.database import query
from ledger.payments.errors import UnknownEvent

SECRET_FIELDS = frozenset(
    ("client_secret", "cvc", "last4", "dynamic_last4", "exp_month", "exp_year", "fingerprint", "iin")
)
"""Secrets and card data, which never reach the database."""

PERSONAL_FIELDS = frozenset(
    (
        "address",
        "billing_details",
        "client_ip",
        "customer_address",
        "customer_details",
        "customer_email",
        "customer_name",
        "customer_phone",
        "email",
        "evidence",
        "ip",
        "ip_address",
        "name",
        "owner",
        "phone",
        "receipt_email",
        "shipping",
        "shipping_details",
    )
)
"""Fields that identify a customer."""


def without_secrets(raw: bytes) -> bytes:
    """Return the body as it may be stored."""
    return json.dumps(_hidden(json.loads(raw), SECRET_FIELDS), separators=(",", ":")).encode()


def event_body(db: Connection, event_id: str, *, personal: bool) -> dict[str, Any] | None:
    """Return the parsed body of an event, without names and addresses unless `personal`; None when purged.

    Raises `UnknownEvent`.
    """
    row = db.execute(query("event_body"), {"event_id": event_id}).one_or_none()
    if row is None:
        raise UnknownEvent(event_id)
    if row.raw is None:
        return None
    body: dict[str, Any] = json.loads(bytes(row.raw))
    return body if personal else _hidden(body, PERSONAL_FIELDS)


def _hidden(value: Any, fields: frozenset[str]) -> Any:
    """Return a structure without the values of some fields."""
    if isinstance(value, dict):
        return {
            name: "[hidden]" if name in fields and inner is not None else _hidden(inner, fields)
            for name, inner in value.items()
        }
    return [_hidden(inner, fields) for inner in value] if isinstance(value, list) else value
