"""Copies of workspaces for simulated purchases, so that a live workspace never gets one."""

import hashlib
from datetime import datetime

from sqlalchemy import Connection

from ledger.database import query
from ledger.minutes.attributes import get_attributes, set_attributes
from ledger.minutes.balances import get_balance, list_lots
from ledger.minutes.credits import grant_minutes
from ledger.minutes.workspaces import Workspace, create_workspace, get_workspace, update_plan_allocation
from ledger.validation import MINUTES_AT_MOST

PREFIX = "sim:"
LONGEST_ID = 64
BILLING_CURRENCY = "billing_currency"  # the attribute that decides the currency of an offer


def copy_id(workspace_id: str) -> str:
    """Return the id of the copy; ids too long for the prefix are shortened with a hash."""
    if len(PREFIX + workspace_id) <= LONGEST_ID:
        return PREFIX + workspace_id
    digest = hashlib.sha256(workspace_id.encode()).hexdigest()[:16]
    return f"{PREFIX}{workspace_id[: LONGEST_ID - len(PREFIX) - 17]}-{digest}"


def simulation_copy(db: Connection, workspace_id: str, *, source: str, actor: str, at: datetime) -> Workspace:
    """Return the copy of a workspace, created on first use: its plan and extra minutes without personal data.

    `source`: that of the simulating gateway. Raises `UnknownWorkspace`.
    """
    original = get_workspace(db, workspace_id)
    twin = copy_id(workspace_id)
    name, email = f"Copy of {workspace_id}", "copy@simulation.invalid"
    create_workspace(db, twin, name=name, owner_email=email, actor=actor, at=at, source=source)
    if not list_lots(db, twin):
        _pay_alike(db, twin, workspace_id, actor=actor, at=at)
        _fill(db, twin, original, actor=actor, at=at)
    return get_workspace(db, twin)


def _pay_alike(db: Connection, twin: str, workspace_id: str, *, actor: str, at: datetime) -> None:
    """Let the copy pay in the currency of the original, where that is not the usual one."""
    there = {"workspace_id": workspace_id, "at": at}
    if currency := db.execute(query("unusual_currency"), there).scalar_one():
        named = get_attributes(db, workspace_id).get(BILLING_CURRENCY, currency)
        set_attributes(db, twin, {BILLING_CURRENCY: named}, actor=actor, at=at)


def _fill(db: Connection, twin: str, original: Workspace, *, actor: str, at: datetime) -> None:
    """Credit a new copy with the plan and the extra minutes of the original; without a plan, only the extra minutes."""
    if original.plan and original.billing_cycle:
        update_plan_allocation(
            db, twin, original.plan, original.billing_cycle, key="copy", actor=actor, at=at
        )
    extra = get_balance(db, original.workspace_id).extra_minutes
    if extra:
        grant_minutes(
            db,
            twin,
            min(extra, MINUTES_AT_MOST),
            reason="extra minutes of the original",
            key="copy",
            actor=actor,
            at=at,
        )
