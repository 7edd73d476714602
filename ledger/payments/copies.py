"""Copies of workspaces on which purchases can be simulated, so that a live one never gets a simulated purchase."""

import hashlib
from datetime import datetime

from sqlalchemy import Connection

from ledger.minutes.balances import get_balance
from ledger.minutes.credits import grant_minutes
from ledger.minutes.workspaces import Workspace, create_workspace, get_workspace, update_plan_allocation

PREFIX = "sim:"
LONGEST_ID = 64


def copy_id(workspace_id: str) -> str:
    """Give the id of the copy; ids that leave no room for the prefix are shortened by a hash."""
    if len(PREFIX + workspace_id) <= LONGEST_ID:
        return PREFIX + workspace_id
    digest = hashlib.sha256(workspace_id.encode()).hexdigest()[:16]
    return f"{PREFIX}{workspace_id[: LONGEST_ID - len(PREFIX) - 17]}-{digest}"


def simulation_copy(db: Connection, workspace_id: str, *, source: str, actor: str, at: datetime) -> Workspace:
    """Give the copy of a workspace, made on first use: its plan and its extra minutes, none of its people.

    `source`: of the gateway that simulates. Raises `UnknownWorkspace`.
    """
    original = get_workspace(db, workspace_id)
    balance = get_balance(db, workspace_id)
    twin = copy_id(workspace_id)
    name, email = f"Copy of {workspace_id}", "copy@simulation.invalid"
    create_workspace(db, twin, name=name, owner_email=email, actor=actor, at=at, source=source)
    if not get_balance(db, twin).lots and original.plan and original.billing_cycle:
        plan, cycle = original.plan, original.billing_cycle
        update_plan_allocation(db, twin, plan, cycle, key="copy", actor=actor, at=at)
        if balance.extra_minutes:
            reason = "extra minutes of the original"
            grant_minutes(db, twin, balance.extra_minutes, reason=reason, key="copy", actor=actor, at=at)
    return get_workspace(db, twin)
