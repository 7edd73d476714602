"""The inbox of Stripe events: verified, stored once as received, acknowledged at once, processed later.

An event only says where to look. Its handler re-reads Stripe (`ledger.webhooks.handlers`) in the same transaction that
marks the event done.
"""

import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice

from sqlalchemy import Connection, Engine, RowMapping
from sqlalchemy.exc import DBAPIError

from ledger.database import query, reading, writing
from ledger.errors import LedgerError
from ledger.logs import run_of
from ledger.payments.errors import NotKnownYet, NoWebhookSecret, UnknownEvent
from ledger.payments.owners import show_ownerless
from ledger.settings import Settings
from ledger.stripe_gateway import EventEnvelope, Gateway, GatewayError, GatewayUnavailable, build_gateway
from ledger.stripe_gateway.signatures import read_event, signed_at, verify_signature
from ledger.validation import require_business_time, strip_invalid_chars
from ledger.webhooks.event_bodies import without_secrets
from ledger.webhooks.handlers import HANDLERS, HandlerResult, handle_event

log = logging.getLogger(__name__)

Gateways = Mapping[str, Gateway]
"""Source of an event -> the gateway that is re-read."""

Clock = Callable[[], datetime]

TRIES = 8
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=3)
POLL_FIRST = timedelta(days=3)
POLL_OVERLAP = timedelta(minutes=10)
POLL_PAGE = 100
LEASE = timedelta(seconds=30)
"""Lease of one event before another worker takes over; doubled with each attempt."""
KEEP_BODIES = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """The result of a delivery: `status` of the stored event; `repeated` when it was already stored."""

    event_id: str
    status: str
    repeated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """One event of the inbox, without its body."""

    event_id: str
    type: str
    api_version: str | None
    livemode: bool
    source: str
    object_id: str | None
    created: datetime | None
    received_at: datetime
    delivered_by: str
    deliveries: int
    sha256: str
    status: str
    attempts: int
    next_attempt_at: datetime | None
    finished_at: datetime | None
    error: str | None
    effect: str | None
    workspace_id: str | None
    purged_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxState:
    """Number of waiting, failed and dead events, and since when."""

    waiting: int
    failed: int
    dead: int
    oldest_waiting_at: datetime | None


def receive(
    engine: Engine,
    raw: bytes,
    header: str | None,
    settings: Settings,
    at: datetime,
) -> Received:
    """Verify and store one delivery in its own transaction; processing follows later.

    An event of the wrong mode or of another account is stored as refused, without effect. Raises
    `NoWebhookSecret` (answer 503) and `BadSignature` (answer 400, nothing is stored).
    """
    usable = [secret for secret in settings.stripe_webhook_secrets if secret]
    if not usable:
        raise NoWebhookSecret
    verify_signature(raw, header, usable, require_business_time(at))
    with writing(engine) as db:
        return store(db, read_event(raw), source=settings.mode, delivered_by="webhook", at=at)


def open_gateway(engine: Engine, settings: Settings, source: str, *, clock: Clock) -> Gateway:
    """Return the gateway of a source (`demo`: the sandbox); the sandbox's signed events arrive in this inbox.

    Raises ValueError when the mode of the installation cannot serve the source.
    """

    def deliver(raw: bytes, header: str) -> None:
        verify_signature(raw, header, gateway.signing_secrets, datetime.fromtimestamp(signed_at(header), UTC))
        with writing(engine) as db:
            store(db, read_event(raw), source="sandbox", delivered_by="webhook", at=clock())

    gateway = build_gateway(settings, engine=engine, source=source, deliver=deliver, clock=clock)
    return gateway


def store(db: Connection, event: EventEnvelope, *, source: str, delivered_by: str, at: datetime) -> Received:
    """Store a verified event, once; `source`: the Stripe mode it came from."""
    refusal = None
    if event.livemode != (source == "live"):
        refusal = f"refused: of {'live' if event.livemode else 'test'} mode, this installation is not"
    elif event.account is not None:
        refusal = "refused: of a connected account"
    row = {
        "event_id": event.event_id,
        "type": event.type,
        "api_version": event.api_version,
        "livemode": event.livemode,
        "source": source,
        "object_id": event.object_id,
        "created": event.created,
        "at": at,
        "delivered_by": delivered_by,
        "raw": without_secrets(event.raw),
        "sha256": event.sha256,
        "status": "refused" if refusal else "pending",
        "effect": refusal,
    }
    stored = db.execute(query("store_event"), row).one_or_none()
    if stored is not None:
        return Received(event_id=event.event_id, status=stored.status, repeated=False)
    counted = query("count_delivery" if delivered_by == "webhook" else "seen_event")
    seen = db.execute(counted, {"event_id": event.event_id, "at": at}).one()
    return Received(event_id=event.event_id, status=seen.status, repeated=True)


def poll_events(engine: Engine, gateway: Gateway, *, at: datetime) -> int:
    """Fetch events that were not delivered, for machines that Stripe cannot reach. Return the number of new events.

    Starts shortly before the newest event that a poll has seen; until there is one, three days back. Only Stripe's own
    times move it, so a clock of ours that was ahead skips nothing.
    """
    name = {"name": f"poller of {gateway.source}"}
    with reading(engine) as db:
        mark = db.execute(query("schedule_mark"), name).scalar_one_or_none()
    since = datetime.fromisoformat(mark) - POLL_OVERLAP if mark else at - POLL_FIRST
    newest, new = None, 0
    events = gateway.list_events(created_gte=since, types=sorted(HANDLERS))
    while page := list(islice(events, POLL_PAGE)):
        with writing(engine) as db:
            received = [
                store(db, event, source=gateway.source, delivered_by="poller", at=at) for event in page
            ]
        new += sum(not each.repeated for each in received)
        newest = max(event.created for event in page)
    if newest is not None:
        with writing(engine) as db:
            db.execute(query("set_schedule_mark"), name | {"at": at, "mark": newest.isoformat()})
    return new


def work_inbox(engine: Engine, gateways: Gateways, *, at: datetime, limit: int = 50) -> int:
    """Process at most `limit` events that are due at `at`. Return their number.

    Events are claimed one by one, so a worker that dies leaves at most one behind.
    """
    claim = {"at": require_business_time(at), "lease_seconds": LEASE.total_seconds()}
    with writing(engine) as db:
        db.execute(query("wake_known_events"), {"at": at})
    done = 0
    while done < limit:
        with writing(engine) as db:
            event = db.execute(query("claim_event"), claim).mappings().one_or_none()
        if event is None:
            break
        with run_of(f"event {event['type']}") as run:
            run["event_id"] = event["event_id"]
            _work_on(engine, gateways, event, at)
        done += 1
    return done


def replay(db: Connection, event_id: str, *, at: datetime) -> None:
    """Run an event again from the start. Raises `UnknownEvent` (also: refused, purged, or in progress)."""
    row = {"event_id": event_id, "at": require_business_time(at)}
    if db.execute(query("replay_event"), row).one_or_none() is None:
        raise UnknownEvent(f"{event_id}. Refused, purged and running events cannot run again either.")


def purge_events(db: Connection, *, at: datetime, keep: timedelta = KEEP_BODIES) -> int:
    """Delete the bodies of events older than `keep`, because of their personal data. Return their number."""
    return db.execute(query("purge_events"), {"at": at, "before": at - keep}).rowcount


def list_events(
    db: Connection,
    text: str | None = None,
    *,
    status: str | None = None,
    before: str | None = None,
    limit: int = 50,
) -> list[StoredEvent]:
    """Return events, newest first; `text`: an event, object or workspace id, or the beginning of a type."""
    text = strip_invalid_chars(text or "") or None
    page = {"text": text, "status": status, "before": before, "limit": limit}
    rows = db.execute(query("events_about"), page).mappings().all() if text else []
    if not rows:
        rows = db.execute(query("list_events"), page).mappings().all()
    return [StoredEvent(**row) for row in rows]


def inbox_state(db: Connection) -> InboxState:
    """Return the backlog of the inbox."""
    return InboxState(**db.execute(query("inbox_state")).mappings().one())


class LeaseLost(Exception):
    """Another worker took over the event."""


def _work_on(engine: Engine, gateways: Gateways, event: RowMapping, at: datetime) -> None:
    """Run the handler and mark the event done in one transaction; a failure stores only itself."""
    event_id, attempts = event["event_id"], event["attempts"]
    try:
        with writing(engine) as db:
            effect = handle_event(db, gateways[event["source"]], read_event(bytes(event["raw"])), at)
            _finish(db, event_id, attempts, effect, at)
    except LeaseLost:
        log.warning("event %s took longer than its lease; another worker has it", event_id)
    except Exception as error:  # noqa: BLE001 - one failing event must not stop the next ones
        log.warning("event %s failed: %s", event_id, error_text(error))
        if attempts < TRIES or isinstance(error, GatewayUnavailable):
            failed = HandlerResult(status="failed", summary="will be tried again")
        else:
            failed = HandlerResult(status="dead", summary="given up")
        with writing(engine) as db:
            if isinstance(error, NotKnownYet):
                show_ownerless(db, error, at=at)
                failed = replace(failed, waits_for=error.waits_for)
            _marked(db, event_id, attempts, failed, at, error=error_text(error))


def _finish(db: Connection, event_id: str, attempts: int, effect: HandlerResult, at: datetime) -> None:
    """Mark an event. Raises `LeaseLost` when the lease is lost, which rolls back the event's effects."""
    if not _marked(db, event_id, attempts, effect, at, error=None):
        raise LeaseLost(event_id)


def _marked(
    db: Connection, event_id: str, attempts: int, effect: HandlerResult, at: datetime, *, error: str | None
) -> bool:
    """Mark an event. Return False when the lease is lost."""
    again = at + pause_after(attempts, event_id) if effect.status == "failed" else None
    row = {
        "event_id": event_id,
        "attempts": attempts,
        "status": effect.status,
        "effect": effect.summary,
        "error": error,
        "workspace_id": effect.workspace_id,
        "waits_for": list(effect.waits_for) or None,
        "next_attempt_at": again,
        "finished_at": None if again else at,
    }
    return db.execute(query("finish_event"), row).one_or_none() is not None


def pause_after(attempts: int, event_id: str) -> timedelta:
    """Return the pause before the next attempt: 5 s, 15 s, 45 s ... plus up to a fifth, which differs by event."""
    spread = hashlib.sha256(event_id.encode()).digest()[0] / 255 / 5
    pause: timedelta = min(FIRST_PAUSE * 3 ** min(attempts - 1, 10), LONGEST_PAUSE)
    return pause * (1 + spread)


def error_text(error: Exception) -> str:
    """Return an error as text without data: ledger errors in full, others by their class."""
    if isinstance(error, LedgerError | GatewayError):
        return f"{error.code}: {error}"[:500]
    if isinstance(error, DBAPIError):
        return f"database: {type(error.orig).__name__} {getattr(error.orig, 'sqlstate', None) or ''}".strip()
    return type(error).__name__
