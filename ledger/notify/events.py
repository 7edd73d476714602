"""Outgoing events: posted to every subscribed endpoint, signed, at least once (Standard Webhooks).

Events of one workspace reach one endpoint in booking order: the next waits until the one
before is delivered or abandoned.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from ledger.database import query, reading, writing
from ledger.errors import NotFound
from ledger.notify.signed_post import Attempt, attempt_post, message_body, message_id, utc
from ledger.notify.webhook_endpoints import WebhookEndpoint, find_endpoint, list_endpoints
from ledger.validation import require_business_time

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy import Connection, Engine

WAITS = tuple(
    timedelta(seconds=seconds) for seconds in (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
"""Delays after failed attempts, as Standard Webhooks recommends; after the last, the event is abandoned."""
LEASE = timedelta(minutes=5)
SENDERS = 8
CLAIMED_AT_MOST = 32
"""Deliveries that a lane claims at once: even with a receiver that never answers they end well within the lease."""
PAUSE_SECONDS = 0.5
ROUND_SECONDS = 30
"""A round starts no batch after this long; the next round reads the endpoints again."""
COUNTED_AT_MOST = 10_000


class UnknownDelivery(NotFound):
    """This event was not sent to this endpoint."""

    code = "unknown_delivery"


@dataclass(frozen=True, kw_only=True)
class EventDelivery:
    """Delivery of one event to one endpoint. `state`: pending, delivered or dead (abandoned).

    `workspace_id` is empty for an event of the whole installation, such as `metric.alert`.
    """

    workspace_id: str
    event_no: int
    endpoint_id: UUID
    type: str
    at: datetime
    recorded_at: datetime
    data: dict[str, Any]
    state: Literal["pending", "delivered", "dead"]
    attempts: int
    next_attempt_at: datetime
    delivered_at: datetime | None

    @property
    def message_id(self) -> str:
        """Return the `webhook-id`, identical for every attempt and endpoint so receivers can drop repeats."""
        return message_id(self.workspace_id, self.event_no)

    @property
    def body(self) -> str:
        """Return the request body."""
        return message_body(self.type, self.recorded_at, {**self.data, "at": utc(self.at)})


@dataclass(frozen=True, kw_only=True)
class WaitingDeliveries:
    """Numbers of pending and abandoned deliveries, each counted up to 10,000."""

    pending: int
    dead: int


@dataclass(frozen=True, kw_only=True)
class LoggedAttempt:
    """One logged delivery attempt. `status` None: the endpoint was unreachable."""

    attempt: int
    at: datetime
    status: int | None
    answer: str
    error: str | None
    milliseconds: int


def list_deliveries(
    db: Connection,
    endpoint_id: UUID,
    *,
    state: str | None = None,
    type: str | None = None,  # noqa: A002 - its name everywhere
    workspace_id: str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[EventDelivery]:
    """Return the deliveries of an endpoint, newest event first; `before`: event number of the page before.

    `start`, `end`: when the events were booked.
    """
    binds = {
        "endpoint_id": endpoint_id,
        "state": state,
        "type": type,
        "workspace_id": workspace_id,
        "start": start,
        "end": end,
        "before": before,
        "limit": limit,
    }
    return [EventDelivery(**row) for row in db.execute(query("event_deliveries"), binds).mappings()]


def count_deliveries(db: Connection) -> WaitingDeliveries:
    """Return the numbers of pending and abandoned deliveries of endpoints that are not deleted."""
    row = db.execute(query("event_deliveries_waiting"), {"most": COUNTED_AT_MOST}).mappings().one()
    return WaitingDeliveries(**row)


def list_attempts(db: Connection, delivery: EventDelivery) -> list[LoggedAttempt]:
    """Return every attempt of a delivery, oldest first."""
    return [LoggedAttempt(**row) for row in db.execute(query("event_attempts"), _name(delivery)).mappings()]


def replay_delivery(db: Connection, endpoint_id: UUID, event_no: int, *, at: datetime) -> None:
    """Send an event to an endpoint again, in any state, under the same message id.

    Raise UnknownDelivery: it never went there, or the endpoint is deleted.
    """
    binds = {"endpoint_id": endpoint_id, "event_no": event_no, "at": require_business_time(at)}
    if db.execute(query("event_delivery_replay"), binds).rowcount == 0:
        raise UnknownDelivery(f"{event_no} to {endpoint_id}")


def send_events(engine: Engine, *, at: datetime, limit: int = 100) -> int:
    """Send the events due by `at` and return the number of attempts. A worker step that commits itself.

    Each endpoint has a lane of its own: while one hangs, the others go on with what becomes due meanwhile.
    """
    busy: set[UUID] = set()
    with reading(engine) as db:
        lanes = [_Lane(engine, each.endpoint_id, busy, at=at, limit=limit) for each in list_endpoints(db)]
    if not lanes:
        return 0
    with ThreadPoolExecutor(len(lanes)) as pool:
        return sum(pool.map(_Lane.run, lanes))


class _Lane:
    """Deliveries to one endpoint: claimed first and sent outside any transaction; claims of a crashed sender expire."""

    def __init__(
        self, engine: Engine, endpoint_id: UUID, busy: set[UUID], *, at: datetime, limit: int
    ) -> None:
        """`busy`: the endpoints that are being sent to, shared by all lanes."""
        self._engine = engine
        self._endpoint_id = endpoint_id
        self._busy = busy
        self._at = at
        self._limit = min(limit, CLAIMED_AT_MOST)
        busy.add(endpoint_id)

    def run(self) -> int:
        """Send what is due, and what becomes due while another lane is busy; return the number of attempts."""
        started = time.monotonic()
        attempts = passed_seconds = 0
        try:
            while passed_seconds < ROUND_SECONDS:
                sent = self._send(self._at + timedelta(seconds=passed_seconds))
                attempts += sent
                self._busy.discard(self._endpoint_id)
                if not sent and not self._busy:
                    break
                time.sleep(0 if sent else PAUSE_SECONDS)
                passed_seconds = int(time.monotonic() - started)
        finally:
            self._busy.discard(self._endpoint_id)
        return attempts

    def _send(self, at: datetime) -> int:
        """Send one batch and return the number of attempts."""
        binds = {
            "at": at,
            "until": at + LEASE,
            "limit": self._limit,
            "endpoint_id": self._endpoint_id,
        }
        with writing(self._engine) as db:
            endpoint = find_endpoint(db, self._endpoint_id)  # its secret may have been replaced meanwhile
            rows = db.execute(query("event_deliveries_claim"), binds).mappings() if endpoint else ()
            due = [EventDelivery(**row) for row in rows]
        if endpoint is None or not due:
            return 0
        self._busy.add(self._endpoint_id)
        with ThreadPoolExecutor(SENDERS) as pool:
            attempts = list(pool.map(partial(_send, endpoint, at), due))
        with writing(self._engine) as db:
            for delivery, attempt in zip(due, attempts, strict=True):
                db.execute(query("event_delivery_settle"), _outcome(delivery, attempt, at))
                logged = {**_name(delivery), **vars(attempt), "attempt": delivery.attempts, "at": at}
                db.execute(query("event_attempt_add"), logged)
        return len(due)


def purge_outgoing_events(db: Connection, *, before: datetime) -> int:
    """Delete events, with their log, booked before a time and no longer pending. Return the count."""
    return db.execute(query("outgoing_events_purge"), {"before": before}).rowcount


def _send(endpoint: WebhookEndpoint, at: datetime, delivery: EventDelivery) -> Attempt:
    return attempt_post(
        endpoint.url,
        delivery.body,
        message_id=delivery.message_id,
        secret=endpoint.secrets_at(at),
        at=at,
    )


def _name(delivery: EventDelivery) -> dict[str, object]:
    return {
        "workspace_id": delivery.workspace_id,
        "event_no": delivery.event_no,
        "endpoint_id": delivery.endpoint_id,
    }


def _outcome(delivery: EventDelivery, attempt: Attempt, at: datetime) -> dict[str, object]:
    named = {**_name(delivery), "attempts": delivery.attempts}
    if attempt.error is None:
        return {**named, "state": "delivered", "next_attempt_at": at, "delivered_at": at}
    given_up = delivery.attempts > len(WAITS)
    wait = timedelta() if given_up else WAITS[delivery.attempts - 1]
    state = "dead" if given_up else "pending"
    return {**named, "state": state, "next_attempt_at": at + wait, "delivered_at": delivery.delivered_at}
