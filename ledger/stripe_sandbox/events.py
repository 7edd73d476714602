"""The list of events that the sandbox still stores."""

import json

from ledger.database import query
from ledger.stripe_sandbox.answers import Json, missing
from ledger.stripe_sandbox.presenting import limit_of, page, window_of
from ledger.stripe_sandbox.transaction import Transaction


def listing(tx: Transaction, params: Json) -> Json:
    """Return events newest first, filtered by type, types, created and delivery_success."""
    limit = limit_of(params)
    cursor = None
    if "starting_after" in params:
        row = tx.db.execute(query("sandbox_event_cursor"), {"id": params["starting_after"]}).one_or_none()
        if row is None:
            raise missing("event", params["starting_after"])
        cursor = (row.created, row.no)
    types = [params["type"]] if "type" in params else params.get("types")
    filters = {"types": types, "delivered": params.get("delivery_success"), "limit": limit + 1}
    rows = tx.db.execute(query("sandbox_events"), filters | window_of(params, cursor)).scalars().all()
    return page([json.loads(raw) for raw in rows[:limit]], len(rows) > limit, "/v1/events")


def retrieve(tx: Transaction, _params: Json, event: str) -> Json:
    """Return one event."""
    raw = tx.db.execute(query("sandbox_event"), {"id": event}).scalar_one_or_none()
    if raw is None:
        raise missing("event", event)
    body: Json = json.loads(raw)
    return body
