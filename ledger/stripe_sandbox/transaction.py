"""One request as a unit of work: its changes and events are stored in one statement."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from sqlalchemy import Connection

from ledger.database import query
from ledger.stripe_sandbox.answers import Json, missing

API_VERSION = "2026-10-28.endive"
FAR = 1 << 62
KEY_SECONDS = 86_400
"""Idempotency keys expire after a day, as at Stripe; the same key then creates a second payment."""
LINES_ALONG = 10
"""Number of lines that an invoice includes; the rest are read from their own list."""
LINKS = {
    "payment_intent": "customer",
    "charge": "payment_intent",
    "refund": "payment_intent",
    "dispute": "payment_intent",
    "checkout.session": "payment_intent",
    "subscription": "customer",
    "payment_method": "customer",
    "price": "product",
    "invoice": "subscription",
    "balance_transaction": "source",
}
"""The field by which objects of a kind are looked up quickly."""
WITHOUT_LIVEMODE = ("balance_transaction", "refund")
"""Kinds that have no `livemode` field at Stripe."""


@dataclass
class Transaction:
    """A request in progress. `now`: unix seconds; `key`: idempotency key, from which ids derive."""

    db: Connection
    now: int
    key: str
    secret: str
    faults: dict[str, int] = field(default_factory=dict)
    listening: bool = False
    """True when a receiver is set; otherwise events only appear in the list."""
    objects: dict[str, Json] = field(default_factory=dict)
    dues: dict[str, int | None] = field(default_factory=dict)
    changed: dict[str, None] = field(default_factory=dict)
    events: list[tuple[str, str, str]] = field(default_factory=list)
    """(id, type, raw body) of emitted events, in order."""
    faults_used: bool = False
    locking: bool = True
    _serial: int = 0

    def new_id(self, prefix: str) -> str:
        """Return a new id, identical for an identical request so that demos are reproducible."""
        self._serial += 1
        digest = hashlib.sha256(f"{self.key}:{self.now}:{self._serial}".encode()).hexdigest()
        return f"{prefix}_sbx_{digest[:24]}"

    def add(self, prefix: str, kind: str, /, **fields: Any) -> Json:
        """Create an object of `kind`, stored at the end of the request."""
        body = {"id": self.new_id(prefix), "object": kind, "created": self.now, **fields}
        if kind not in WITHOUT_LIVEMODE:
            body["livemode"] = False
        self.objects[body["id"]] = body
        self.changed[body["id"]] = None
        return body

    def save(self, body: Json) -> Json:
        """Store the changes made to a loaded object."""
        self.changed[body["id"]] = None
        return body

    def set_due(self, body: Json, when: int | None) -> None:
        """Schedule the object's next automatic step at `when`; None clears it."""
        self.dues[body["id"]] = when
        self.save(body)

    def load(self, kind: str, object_id: str) -> Json:
        """Return the object, locked when the request may change it. Raise RequestRefused (404) when absent."""
        if object_id not in self.objects:
            name = "sandbox_lock" if self.locking else "sandbox_load"
            row = self.db.execute(query(name), {"id": object_id}).one_or_none()
            if row is not None:
                self._remember(object_id, row.body, row.due)
        body = self.objects.get(object_id)
        if body is None or body["object"] != kind:
            raise missing(kind, object_id)
        return body

    def load_many(self, object_ids: list[str]) -> list[Json]:
        """Return the objects that exist, read in one query and not locked."""
        rows = self.db.execute(query("sandbox_load_many"), {"ids": object_ids})
        return [self._remember(row.id, row.body, row.due) for row in rows]

    def find(self, kind: str, filters: Mapping[str, Any], *, limit: int = 100, **window: int) -> list[Json]:
        """Return stored objects of a kind, newest first; `window`: gte, lt, cursor_created, cursor_no."""
        link_field = LINKS.get(kind)
        match = {name: value for name, value in filters.items() if name != link_field}
        link = filters.get(link_field) if link_field else None
        bounds: Json = {"gte": 0, "lt": FAR, "cursor_created": FAR, "cursor_no": FAR, **window}
        bounds |= {"object": kind, "match": json.dumps(match), "limit": limit, "link": link}
        if link is None:
            del bounds["link"]
        rows = self.db.execute(query("sandbox_list" if link is None else "sandbox_list_linked"), bounds)
        return [self._remember(row.id, row.body, row.due) for row in rows]

    def cursor(self, object_id: str) -> tuple[int, int] | None:
        """Return an object's position in lists, or None when it does not exist."""
        row = self.db.execute(query("sandbox_cursor"), {"id": object_id}).one_or_none()
        return (row.created, row.no) if row else None

    def _remember(self, object_id: str, body: Json, due: int | None) -> Json:
        self.dues.setdefault(object_id, due)
        return self.objects.setdefault(object_id, body)

    def use_fault(self, name: str) -> bool:
        """Return True when a planned fault applies now, and consume it."""
        if self.faults.get(name, 0) < 1:
            return False
        self.faults[name] -= 1
        self.faults_used = True
        return True

    def emit(self, kind: str, body: Json, previous: Json | None = None) -> None:
        """Emit an event about the current `body`, without client secrets."""
        data: Json = {"object": public(body)}
        if previous is not None:
            data["previous_attributes"] = previous
        event_id = self.new_id("evt")
        event = {
            "id": event_id,
            "object": "event",
            "api_version": API_VERSION,
            "created": self.now,
            "data": data,
            "livemode": False,
            "pending_webhooks": 1 if self.listening else 0,
            "request": {"id": None, "idempotency_key": self.key},
            "type": kind,
        }
        self.events.append((event_id, kind, json.dumps(event, separators=(",", ":"))))

    def client_secret(self, body: Json) -> str:
        """Return a payment's client secret, which is derived and never stored."""
        digest = hmac.new(self.secret.encode(), body["id"].encode(), hashlib.sha256).hexdigest()
        return f"{body['id']}_secret_{digest[:24]}"

    def flush(self, status: int, answer: Json, event_due: int | None) -> None:
        """Store everything, including the response under the idempotency key."""
        objects = [
            {
                "id": object_id,
                "object": self.objects[object_id]["object"],
                "created": self.objects[object_id]["created"],
                "link": link_of(self.objects[object_id]),
                "due": self.dues.get(object_id),
                "body": self.objects[object_id],
            }
            for object_id in self.changed
        ]
        events = [
            {"id": event_id, "type": kind, "created": self.now, "raw": raw, "due": event_due}
            for event_id, kind, raw in self.events
        ]
        binds = {"objects": json.dumps(objects), "events": json.dumps(events), "key": self.key}
        self.db.execute(query("sandbox_flush"), binds | {"status": status, "answer": json.dumps(answer)})
        if self.faults_used:
            self.db.execute(query("sandbox_set_faults"), {"faults": json.dumps(self.faults)})

    def at(self, now: int, key: str) -> Self:
        """Return the same transaction at another time, for scheduled work."""
        return type(self)(self.db, now, key, self.secret, self.faults, self.listening)


def link_of(body: Json) -> str | None:
    """Return the value that an object is looked up by."""
    if body["object"] == "invoice":
        return str(body["parent"]["subscription_details"]["subscription"])
    value = body.get(LINKS.get(body["object"], ""))
    return value if isinstance(value, str) else None


def public(body: Json) -> Json:
    """Return an object's public form: without private fields (`_method` ...), and with ten lines per invoice."""
    shown = {name: value for name, value in body.items() if not name.startswith("_")}
    if body["object"] == "invoice" and len(body["lines"]["data"]) > LINES_ALONG:
        lines = body["lines"]
        shown["lines"] = {**lines, "data": lines["data"][:LINES_ALONG], "has_more": True}
    return shown
