"""Subscriptions to alerts of every kind: who is notified by which channel, and the messages that wait for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from ledger.database import query, reading, writing
from ledger.errors import LedgerError
from ledger.notify.channels import CHANNELS, reaches, secret_for
from ledger.validation import require_business_time, require_text

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, RowMapping

ALERT_KINDS = ("usage", "payment")
"""Alerts that are sent in digests. Those of metrics have a threshold of their own, see `metric_alerts`."""
REPORTED_SOURCES = ("live", "stripe_test", "sandbox")
RETRIED_FOR = timedelta(days=1)


class InvalidAlert(LedgerError):
    """An alert needs a channel with an address it accepts; an alert on a metric also a threshold and 1 to 730 days."""

    code = "invalid_alert"

    @classmethod
    def meaning(cls) -> str:
        """Return what an alert needs, with the name of every channel."""
        accepted = ", ".join(
            f"{each.label} ({'an https address' if each.calls_out else 'its address'})"
            for each in CHANNELS.values()
        )
        return f"An alert goes by one of {accepted}; one on a metric needs a threshold and 1 to 730 days."


@dataclass(frozen=True, kw_only=True)
class AlertSubscription:
    """Everybody behind `target` is notified of the usage or payment alerts of `source`, in digests.

    `sent_at`, `delivered_at`, `error`: of the last message. `undelivered`: messages that did not arrive.
    """

    alert_id: UUID
    kind: str
    source: str
    channel: str
    target: str
    secret: str | None = field(repr=False)
    created_by: str
    created_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    error: str | None
    undelivered: int


def subscribe(
    db: Connection,
    alert_id: UUID,
    kind: str,
    *,
    source: str,
    channel: str,
    target: str,
    actor: str,
    at: datetime,
    approval_id: UUID | None = None,
) -> str | None:
    """Save a subscription to usage or payment alerts; the same id again saves one. Raises InvalidAlert, InvalidText.

    Nothing is sent before somebody else approves `approval_id`, where there is one. Returns the secret that signs the
    messages of a new webhook, to be shown once; otherwise None.
    """
    if kind not in ALERT_KINDS or source not in REPORTED_SOURCES:
        raise InvalidAlert(f"{kind} of {source}"[:80])
    return save_subscription(
        db,
        alert_id,
        kind,
        source=source,
        channel=channel,
        target=target,
        actor=actor,
        at=at,
        approval_id=approval_id,
    )


def save_subscription(
    db: Connection,
    alert_id: UUID,
    kind: str,
    *,
    channel: str,
    target: str,
    actor: str,
    at: datetime,
    **about: Any,
) -> str | None:
    """Save a subscription of any kind and return the new secret; `about`: its source, and what it measures."""
    require_text(actor, "actor")
    if not reaches(channel, target):
        raise InvalidAlert(target[:80])
    binds = {
        **dict.fromkeys(
            ("metric", "days", "direction", "threshold", "page", "query", "every", "approval_id")
        ),
        **about,
        "alert_id": alert_id,
        "kind": kind,
        "channel": channel,
        "target": target,
        "secret": secret_for(channel),
        "actor": actor,
        "at": require_business_time(at),
    }
    secret: str | None = db.execute(query("alert_subscription_add"), binds).scalar_one_or_none()
    return secret


def stop_subscription(
    db: Connection,
    alert_id: UUID,
    *,
    at: datetime,
    kinds: Sequence[str] = ALERT_KINDS,
    created_by: str | None = None,
) -> bool:
    """Stop a subscription of one of these kinds. Return whether it was active. `created_by`: only if it is theirs."""
    binds = {"alert_id": alert_id, "kinds": list(kinds), "created_by": created_by, "at": at}
    return db.execute(query("alert_subscription_stop"), binds).rowcount == 1


def approve_subscription(db: Connection, approval_id: UUID, *, actor: str, at: datetime) -> str | None:
    """Let a subscription of any kind send from now on, and return its address; None when it was stopped meanwhile."""
    binds = {"approval_id": approval_id, "actor": actor, "at": at}
    target: str | None = db.execute(query("alert_subscription_approve"), binds).scalar_one_or_none()
    return target


def list_subscriptions(db: Connection) -> list[AlertSubscription]:
    """Return the active subscriptions to usage and payment alerts, newest first."""
    return [AlertSubscription(**row) for row in db.execute(query("alert_subscriptions")).mappings()]


def deliver_waiting(
    engine: Engine, alert_id: UUID, *, at: datetime, send: Callable[[RowMapping], str | None]
) -> int:
    """Send the messages of the last day that have not arrived, and return how many arrived.

    `send` returns why a message did not arrive; it is tried again at the next pass.
    """
    with reading(engine) as db:
        binds = {"alert_id": alert_id, "since": at - RETRIED_FOR}
        waiting = db.execute(query("alert_messages_waiting"), binds).mappings().all()
    arrived = 0
    for row in waiting:
        failure = send(row)
        sent = {
            "alert_id": alert_id,
            "currency": row["currency"],
            "written_at": row["at"],
            "at": None if failure else at,
            "error": failure,
        }
        with writing(engine) as db:
            db.execute(query("alert_message_sent"), sent)
        arrived += failure is None
    return arrived
