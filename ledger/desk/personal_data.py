"""Personal data of one customer: export everything, or erase it while the ledger's facts stay."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from ledger.database import call, query
from ledger.desk.notes import list_notes
from ledger.minutes.balances import list_entries
from ledger.minutes.workspaces import get_workspace
from ledger.payments.purchases import list_purchases

ERASED_NAME = "Erased customer"
ERASED_EMAIL = "erased@customer.invalid"
ENTRIES_AT_MOST = 1_000_000
PARTS = (
    "plan_periods",
    "refunds",
    "refund_requests",
    "disputes",
    "stripe_subscriptions",
    "payment_objects",
    "alerts",
    "payment_alerts",
    "bulk_grants",
    "approvals",
    "audit",
    "visits",
    "invoices",
    "invoice_lines",
    "stripe_links",
    "imported_balances",
    "imports",
    "auto_top_up",
    "top_ups",
    "events_out",
    "event_deliveries",
    "event_attempts",
    "attributes",
    "offers_seen",
    "api_keys",
)
"""Further parts of an export, each with its own query."""


def export_personal_data(db: Connection, workspace_id: str) -> str:
    """Return everything stored about one customer, as JSON text. Raises UnknownWorkspace."""
    bind = {"workspace_id": workspace_id}
    events = db.execute(query("export_events"), bind).mappings()
    everything: dict[str, Any] = {
        "workspace": asdict(get_workspace(db, workspace_id)),
        "notes": [asdict(note) for note in list_notes(db, workspace_id)],
        "purchases": [asdict(purchase) for purchase in list_purchases(db, workspace_id, limit=100_000)],
        "statement": [asdict(entry) for entry in list_entries(db, workspace_id, limit=ENTRIES_AT_MOST)],
        "payment_events": [dict(event) for event in events],
    }
    for part in PARTS:
        rows = db.execute(query(f"export_{part}"), bind).mappings()
        everything[part] = [dict(row) for row in rows]
    return json.dumps(everything, default=str, ensure_ascii=False, indent=1)


def erase_personal_data(db: Connection, workspace_id: str, *, at: datetime) -> dict[str, int]:
    """Erase name, address, notes, receipt links and raw payment events; balances, money and ids stay.

    Returns how many rows of each kind were erased. Waiting events still need their payload: erase again once they are
    processed. Reasons on the statement stay, like every entry. Raises UnknownWorkspace.
    """
    get_workspace(db, workspace_id)
    bind = {"workspace_id": workspace_id, "at": at, "name": ERASED_NAME, "owner_email": ERASED_EMAIL}
    steps = {
        "identity": "erase_identity",
        "notes": "erase_notes",
        "receipts": "erase_receipts",
        "events": "erase_events",
    }
    erased = {what: db.execute(query(name), bind).rowcount for what, name in steps.items()}
    erased["receipts"] += call(db, "forget_receipts", {"workspace_id": workspace_id})
    return erased
