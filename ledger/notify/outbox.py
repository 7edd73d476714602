"""Warnings out: what a workspace crossed is sent to one address, signed, at least once (Standard Webhooks).

The row of the alert is the outbox, so a warning exists exactly when the use that caused it was booked.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from ledger.database import query, reading, writing
from ledger.errors import NotFound
from ledger.notify.endpoint import Endpoint, get_endpoint
from ledger.notify.signed_post import message_id, post_signed
from ledger.validation import require_business_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

TYPES = {
    "used_80": "usage.threshold_crossed",
    "used_90": "usage.threshold_crossed",
    "used_100": "usage.threshold_crossed",
    "plan_exhausted": "usage.plan_exhausted",
    "limit_hit": "usage.limit_hit",
}
"""Kind of usage alert -> type of the message that carries it."""

WAITS = tuple(
    timedelta(seconds=seconds) for seconds in (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
"""Pauses after failed attempts, as Standard Webhooks recommends; after the last the warning is given up."""

LEASE = timedelta(minutes=5)
SENDERS = 8
COUNTED_AT_MOST = 10_000
ROWS_AT_ONCE = 1_000


class UnknownUsageAlert(NotFound):
    """There is no such warning."""

    code = "unknown_crossing"


@dataclass(frozen=True, kw_only=True)
class OutgoingAlert:
    """One thing a workspace crossed in one epoch, and how far its warning got.

    `delivery`: pending, delivered, dead (given up) or off (crossed while no address was set).
    """

    workspace_id: str
    epoch: int
    kind: str
    entry_no: int
    at: datetime
    recorded_at: datetime
    unmet_minutes: int
    delivery: str
    attempts: int
    next_attempt_at: datetime
    delivered_at: datetime | None
    last_error: str | None

    @property
    def message_id(self) -> str:
        """The `webhook-id`: the same for every attempt, so that receivers can drop repeats."""
        return message_id(self.workspace_id, self.epoch, self.kind)


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """How many warnings wait to be sent and how many were given up, counted up to 10,000."""

    pending: int
    dead: int


def list_usage_alerts(
    db: Connection,
    *,
    delivery: str | None = None,
    workspace_id: str | None = None,
    before: OutgoingAlert | None = None,
    limit: int = 100,
) -> list[OutgoingAlert]:
    """Give warnings, newest first; `delivery`: only those. `before`: last one of the page before."""
    bind = {
        "delivery": delivery,
        "workspace_id": workspace_id,
        "before_at": before and before.recorded_at,
        "before_workspace_id": before and before.workspace_id,
        "before_epoch": before and before.epoch,
        "before_kind": before and before.kind,
        "limit": limit,
    }
    return [OutgoingAlert(**row) for row in db.execute(query("usage_alerts"), bind).mappings()]


def each_usage_alert(db: Connection, *, delivery: str | None = None) -> Iterator[OutgoingAlert]:
    """Give every warning, newest first, read in pages."""
    page = list_usage_alerts(db, delivery=delivery, limit=ROWS_AT_ONCE)
    while page:
        yield from page
        page = list_usage_alerts(db, delivery=delivery, before=page[-1], limit=ROWS_AT_ONCE)


def get_usage_alert(db: Connection, workspace_id: str, epoch: int, kind: str) -> OutgoingAlert:
    """Return one usage alert. Raise UnknownUsageAlert."""
    name = {"workspace_id": workspace_id, "epoch": epoch, "kind": kind}
    row = db.execute(query("usage_alert"), name).mappings().one_or_none()
    if row is None:
        raise UnknownUsageAlert(f"{workspace_id} {epoch} {kind}"[:100])
    return OutgoingAlert(**row)


def count_waiting(db: Connection) -> Waiting:
    """Count what waits and what was given up."""
    return Waiting(**db.execute(query("usage_alerts_waiting"), {"most": COUNTED_AT_MOST}).mappings().one())


def replay(db: Connection, workspace_id: str, epoch: int, kind: str, *, at: datetime) -> None:
    """Send a warning again, whatever became of it, under the same message id. Raises UnknownUsageAlert."""
    bind = {"workspace_id": workspace_id, "epoch": epoch, "kind": kind, "at": require_business_time(at)}
    if db.execute(query("usage_alert_replay"), bind).rowcount == 0:
        raise UnknownUsageAlert(f"{workspace_id} {epoch} {kind}"[:100])


def message(alert: OutgoingAlert) -> str:
    """Give the body that is sent: type, time and what was crossed."""
    _, _, percent = alert.kind.partition("used_")
    body = {
        "type": TYPES[alert.kind],
        "timestamp": alert.recorded_at.isoformat(),
        "data": {
            "workspace_id": alert.workspace_id,
            "threshold": int(percent) if percent else None,
            "at": alert.at.isoformat(),
            "epoch": alert.epoch,
            "entry_no": alert.entry_no,
            "unmet_minutes": alert.unmet_minutes,
        },
    }
    return json.dumps(body, separators=(",", ":"))


def is_wanted(endpoint: Endpoint, kind: str) -> bool:
    """Return whether the receiver gets alerts of this kind."""
    return kind != "plan_exhausted" or endpoint.sends_plan_exhausted


def send_due(engine: Engine, *, at: datetime, limit: int = 100) -> int:
    """Send what is due by `at`; give how many were taken. A step of the worker: it commits on its own.

    Claimed first and sent outside any transaction: a sender that dies leaves its claims to the next, later.
    """
    with reading(engine) as db:
        endpoint = get_endpoint(db)
    if endpoint is None or not endpoint.enabled:
        return 0
    with writing(engine) as db:
        bind = {"at": at, "until": at + LEASE, "limit": limit}
        claimed = [OutgoingAlert(**row) for row in db.execute(query("usage_alerts_claim"), bind).mappings()]
    wanted = [each for each in claimed if is_wanted(endpoint, each.kind)]
    with ThreadPoolExecutor(SENDERS) as pool:
        failures = list(pool.map(partial(_send, endpoint, at), wanted))
    with writing(engine) as db:
        for alert, failure in zip(wanted, failures, strict=True):
            db.execute(query("usage_alert_settle"), _outcome(alert, failure, at))
        for alert in claimed:
            if alert not in wanted:
                db.execute(
                    query("usage_alert_settle"),
                    _outcome(alert, None, at) | {"delivery": "off", "delivered_at": None},
                )
    return len(claimed)


def _send(endpoint: Endpoint, at: datetime, alert: OutgoingAlert) -> str | None:
    """Post one alert; return None, or why it did not arrive."""
    return post_signed(
        endpoint.url, message(alert), message_id=alert.message_id, secret=endpoint.secret, at=at
    )


def _outcome(alert: OutgoingAlert, failure: str | None, at: datetime) -> dict[str, object]:
    name = {
        "workspace_id": alert.workspace_id,
        "epoch": alert.epoch,
        "kind": alert.kind,
        "attempts": alert.attempts,
    }
    if failure is None:
        return {
            **name,
            "delivery": "delivered",
            "next_attempt_at": at,
            "delivered_at": at,
            "last_error": None,
        }
    given_up = alert.attempts > len(WAITS)
    wait = timedelta() if given_up else WAITS[alert.attempts - 1]
    delivery = "dead" if given_up else "pending"
    return {
        **name,
        "delivery": delivery,
        "next_attempt_at": at + wait,
        "delivered_at": alert.delivered_at,
        "last_error": failure,
    }
