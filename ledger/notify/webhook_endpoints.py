"""Webhook endpoints: their addresses, event types and signing secrets."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from ledger.database import query
from ledger.errors import LedgerError, NotFound
from ledger.notify.signed_post import may_be_sent_to, new_secret
from ledger.validation import require_business_time, require_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

EVENT_TYPES = (
    "usage.threshold",
    "usage.limit_hit",
    "usage.refused",
    "usage.plan_exhausted",
    "purchase.paid",
    "purchase.failed",
    "purchase.refunded",
    "purchase.disputed",
    "minutes.credited",
    "minutes.taken_back",
    "top_up.paid",
    "top_up.failed",
    "metric.alert",
)
"""Event types of endpoints."""

SECRETS_OVERLAP = timedelta(hours=24)
"""How long both secrets sign after a rotation."""


class UnknownEndpoint(NotFound):
    """No webhook endpoint has this id."""

    code = "unknown_endpoint"


class InvalidWebhookEndpoint(LedgerError):
    """A webhook endpoint needs an https URL (http only on this machine) and known event types."""

    code = "invalid_endpoint"


@dataclass(frozen=True, kw_only=True)
class WebhookEndpoint:
    """An address and the types of events it gets. `previous_secret` signs too until `previous_until`."""

    endpoint_id: UUID
    url: str
    events: tuple[str, ...]
    secret: str = field(repr=False)
    previous_secret: str | None = field(repr=False)
    previous_until: datetime | None
    created_at: datetime
    created_by: str
    is_waiting: bool = False
    """Whether a second person has to approve it first; until then it gets nothing."""

    def secrets_at(self, at: datetime) -> list[str]:
        """Return the secrets that sign a message at `at`, the newest first."""
        overlaps = self.previous_until is not None and at < self.previous_until
        return [self.secret, *([self.previous_secret] if overlaps and self.previous_secret else [])]


def create_endpoint(
    db: Connection,
    url: str,
    events: Sequence[str],
    *,
    actor: str,
    at: datetime,
    approval_id: UUID | None = None,
) -> WebhookEndpoint:
    """Add an endpoint with a new secret. Raise InvalidWebhookEndpoint.

    It receives events from now on, or from when somebody else approves `approval_id`.
    """
    if not may_be_sent_to(url):
        raise InvalidWebhookEndpoint(repr(url)[:100])
    if not events or not set(events) <= set(EVENT_TYPES):
        raise InvalidWebhookEndpoint(f"known are {', '.join(EVENT_TYPES)}")
    binds: dict[str, Any] = {
        "endpoint_id": uuid4(),
        "url": url,
        "events": [each for each in EVENT_TYPES if each in events],
        "secret": new_secret(),
        "actor": require_text(actor, "actor"),
        "at": require_business_time(at),
        "approval_id": approval_id,
    }
    db.execute(query("webhook_endpoint_add"), binds)
    return get_webhook_endpoint(db, binds["endpoint_id"])


def approve_endpoint(db: Connection, approval_id: UUID, *, actor: str) -> WebhookEndpoint | None:
    """Let an endpoint receive events from now on; None when it was deleted meanwhile."""
    bind = {"approval_id": approval_id, "actor": actor}
    row = db.execute(query("webhook_endpoint_approve"), bind).one_or_none()
    return get_webhook_endpoint(db, row.endpoint_id) if row else None


def list_endpoints(db: Connection) -> list[WebhookEndpoint]:
    """Return the endpoints that are not deleted, oldest first."""
    return [
        _endpoint(row) for row in db.execute(query("webhook_endpoints"), {"endpoint_id": None}).mappings()
    ]


def get_webhook_endpoint(db: Connection, endpoint_id: UUID) -> WebhookEndpoint:
    """Return one endpoint. Raise UnknownEndpoint."""
    endpoint = find_endpoint(db, endpoint_id)
    if endpoint is None:
        raise UnknownEndpoint(str(endpoint_id))
    return endpoint


def find_endpoint(db: Connection, endpoint_id: UUID) -> WebhookEndpoint | None:
    """Return one endpoint, or None when it is deleted or never was."""
    row = db.execute(query("webhook_endpoints"), {"endpoint_id": endpoint_id}).mappings().one_or_none()
    return _endpoint(row) if row else None


def require_known_endpoint(db: Connection, endpoint_id: UUID) -> None:
    """Raise UnknownEndpoint for an endpoint that never was; a deleted one is known."""
    if not db.execute(query("webhook_endpoint_existed"), {"endpoint_id": endpoint_id}).scalar_one():
        raise UnknownEndpoint(str(endpoint_id))


def rotate_secret(db: Connection, endpoint_id: UUID, *, at: datetime) -> WebhookEndpoint:
    """Rotate an endpoint's secret; the old one also signs for a day. Raise UnknownEndpoint."""
    get_webhook_endpoint(db, endpoint_id)
    binds = {"endpoint_id": endpoint_id, "secret": new_secret(), "until": at + SECRETS_OVERLAP}
    db.execute(query("webhook_endpoint_rotate"), binds)
    return get_webhook_endpoint(db, endpoint_id)


def delete_endpoint(db: Connection, endpoint_id: UUID, *, actor: str, at: datetime) -> None:
    """Delete an endpoint and keep its log; repeating it changes nothing. Raise UnknownEndpoint."""
    binds = {
        "endpoint_id": endpoint_id,
        "actor": require_text(actor, "actor"),
        "at": require_business_time(at),
    }
    if db.execute(query("webhook_endpoint_delete"), binds).rowcount == 0:
        raise UnknownEndpoint(str(endpoint_id))
    db.execute(query("webhook_endpoint_drop_pending"), binds)


def _endpoint(row: object) -> WebhookEndpoint:
    values = dict(row)  # type: ignore[call-overload]
    return WebhookEndpoint(**{**values, "events": tuple(values["events"])})
