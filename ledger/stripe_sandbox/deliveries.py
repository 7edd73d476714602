"""Delivery of signed events to a receiver, with the faults of real deliveries."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import stripe
from sqlalchemy import Engine

from ledger.database import query
from ledger.stripe_sandbox.transaction import Transaction

AGAIN_SECONDS = 30
"""Delay before an undelivered event is sent again."""
LATE_SECONDS = 60
BATCH = 100
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Plan:
    """Delivery plan for the events of one request: which are sent now, and when the others are due."""

    due: int | None
    now: list[tuple[str, str]]


class Deliveries:
    """Sends events after the commit that created them. Undelivered events stay due."""

    def __init__(
        self,
        engine: Engine,
        secret: Callable[[], str],
        clock: Callable[[], datetime],
        deliver: Callable[[bytes, str], None] | None,
    ) -> None:
        self.engine = engine
        self.secret = secret
        self.clock = clock
        self.deliver = deliver

    def plan(self, tx: Transaction) -> Plan:
        """Plan the delivery of the events of `tx` before they are stored. Consumes planned faults."""
        events = [(event_id, raw) for event_id, _, raw in tx.events]
        if self.deliver is None or not events or tx.use_fault("webhook_lost"):
            return Plan(None, [])
        if tx.use_fault("webhook_late"):
            return Plan(tx.now + LATE_SECONDS, [])
        if tx.use_fault("webhook_out_of_order"):
            events.reverse()
        if tx.use_fault("webhook_duplicate"):
            events += events
        return Plan(tx.now + AGAIN_SECONDS, events)

    def send(self, plan: Plan) -> int:
        """Deliver now. Return the number of events delivered."""
        delivered = [event_id for event_id, raw in plan.now if self._deliver_event(event_id, raw)]
        if delivered:
            with self.engine.begin() as db:
                db.execute(query("sandbox_delivered"), {"ids": delivered, "at": self.clock()})
        return len(delivered)

    def run(self, now: int) -> int:
        """Deliver everything due by `now` (unix seconds), oldest first. Return the number of events delivered."""
        if self.deliver is None:
            return 0
        done = 0
        while True:
            with self.engine.begin() as db:
                binds = {"now": now, "again_at": now + AGAIN_SECONDS, "limit": BATCH}
                rows = db.execute(query("sandbox_take_deliveries"), binds).all()
            if not rows:
                return done
            rows = sorted(rows, key=lambda row: row.event_no)
            done += self.send(Plan(None, [(row.id, row.raw) for row in rows]))

    def _deliver_event(self, event_id: str, raw: str) -> bool:
        """Deliver one event. Like Stripe, retry later whatever the reason for the failure."""
        if self.deliver is None:
            return False
        secret = self.secret()
        moment = int(self.clock().timestamp())
        header = stripe.WebhookSignature.generate_signature_header(raw, secret, moment)
        try:
            self.deliver(raw.encode(), header)
        except Exception:
            log.exception(
                "event %s could not be delivered to %s",
                event_id,
                datetime.fromtimestamp(moment, UTC).isoformat(),
            )
            return False
        return True
