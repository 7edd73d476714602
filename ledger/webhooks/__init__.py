"""Events from Stripe: inbox and handlers."""

from ledger.webhooks.event_bodies import event_body
from ledger.webhooks.inbox import (
    Gateways,
    InboxState,
    StoredEvent,
    inbox_state,
    list_events,
    open_gateway,
    replay,
)

__all__ = [
    "Gateways",
    "InboxState",
    "StoredEvent",
    "event_body",
    "inbox_state",
    "list_events",
    "open_gateway",
    "replay",
]
