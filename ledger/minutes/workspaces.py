"""Workspaces and their plans: create, get, allocate, reset, cancel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from ledger.database import call, query
from ledger.errors import InvalidText, KeyReused, UnknownPlan, UnknownWorkspace, WorkspaceExists
from ledger.idempotency import WriteResult, idempotent
from ledger.minutes.balances import Balance, balance_after, get_lot
from ledger.validation import (
    require_business_time,
    require_email,
    require_key,
    require_text,
    require_workspace_id,
)

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

SOURCES = ("live", "stripe_test", "sandbox", "demo")
BILLING_CYCLES: tuple[Literal["monthly", "annual"], ...] = ("monthly", "annual")


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """The paying entity; `plan` is None until the first allocation and after a cancellation."""

    workspace_id: str
    name: str
    owner_email: str
    source: str
    created_at: datetime
    plan: str | None
    billing_cycle: str | None


def create_workspace(
    db: Connection,
    workspace_id: str,
    *,
    name: str,
    owner_email: str,
    actor: str,
    at: datetime,
    source: str = "sandbox",
) -> Workspace:
    """Make a workspace without a plan. The same id with the same data again changes nothing.

    `source`: the installation's mode, or demo. Raises WorkspaceExists (other data), InvalidWorkspaceId, InvalidText.
    """
    if source not in SOURCES:
        raise InvalidText(f"source: {source!r}")
    made = db.execute(
        query("create_workspace"),
        {
            "workspace_id": require_workspace_id(workspace_id),
            "name": require_text(name, "name", at_most=200),
            "owner_email": require_email(owner_email),
            "source": source,
            "actor": require_text(actor, "actor"),
            "at": require_business_time(at),
        },
    ).one_or_none()
    if made:
        db.execute(query("create_workspace_minutes"), {"workspace_id": workspace_id})
    workspace = get_workspace(db, workspace_id)
    if not made and (workspace.name, workspace.owner_email, workspace.source) != (name, owner_email, source):
        raise WorkspaceExists(workspace_id)
    return workspace


def get_workspace(db: Connection, workspace_id: str) -> Workspace:
    """Return one workspace. Raises UnknownWorkspace."""
    row = db.execute(query("workspace"), {"workspace_id": workspace_id}).mappings().one_or_none()
    if row is None:
        raise UnknownWorkspace(str(workspace_id)[:80])
    return Workspace(**row)


def creation_times(db: Connection, workspace_ids: list[str]) -> dict[str, datetime]:
    """Return when each of these workspaces was created; unknown ones are left out."""
    rows = db.execute(query("creation_times"), {"workspace_ids": workspace_ids})
    return {row.workspace_id: row.created_at for row in rows}


def update_workspace(
    db: Connection,
    workspace_id: str,
    *,
    name: str | None = None,
    owner_email: str | None = None,
    actor: str,
    at: datetime,
) -> Workspace:
    """Change the name, the owner's address, or both; None leaves it. Raises UnknownWorkspace, InvalidText."""
    require_text(actor, "actor")
    require_business_time(at)
    before = get_workspace(db, workspace_id)
    binds = {
        "workspace_id": workspace_id,
        "name": before.name if name is None else require_text(name, "name", at_most=200),
        "owner_email": before.owner_email if owner_email is None else require_email(owner_email),
    }
    db.execute(query("update_workspace"), binds)
    return get_workspace(db, workspace_id)


def update_plan_allocation(
    db: Connection,
    workspace_id: str,
    plan: str,
    billing_cycle: str,
    *,
    key: str,
    actor: str,
    at: datetime,
    at_is_explicit: bool = False,
) -> Balance:
    """Add the plan's minutes, twelve months at once when annual, to what remains; starts a new billing cycle at `at`.

    Overdue periods of the old cycle are booked first. Returns the balance right after. `at_is_explicit`: a repeat of
    the key with another `at` is another request. Raises UnknownWorkspace, UnknownPlan, KeyReused.
    """
    more = {"managed_by": "ledger", "period_end": None, "reference": None}
    return _allocate(
        db,
        workspace_id,
        "allocate_plan",
        plan,
        billing_cycle,
        more=more,
        key=key,
        actor=actor,
        at=at,
        at_is_explicit=at_is_explicit,
    )


def allocate_invoice(
    db: Connection,
    workspace_id: str,
    plan: str,
    billing_cycle: str,
    *,
    period_start: datetime,
    period_end: datetime,
    key: str,
    actor: str,
    at: datetime,
    reference: str | None = None,
    reason: str | None = None,
    minutes: int | None = None,
    allocation: int | None = None,
    leads: bool = True,
    over: bool = False,
) -> Balance:
    """Add the minutes of one line of a paid Stripe invoice; the reset date is the period's end, null when annual.

    `minutes`: of the line, by default those of a whole period (`allocation`). Where a newer period was paid before, or
    the line does not lead (`leads`), the minutes are added and plan and reset date stay; so they do when the
    subscription is `over` and another period of a plan began or ended after `period_start`.
    """
    more = {
        "period_start": require_business_time(period_start),
        "period_end": require_business_time(period_end),
        "over": over,
        "leads": leads,
        "minutes": minutes,
        "allocation": allocation,
        "reason": reason,
        "reference": reference,
    }
    return _allocate(
        db, workspace_id, "allocate_invoice", plan, billing_cycle, more=more, key=key, actor=actor, at=at
    )


def _allocate(
    db: Connection,
    workspace_id: str,
    function: str,
    plan: str,
    billing_cycle: str,
    *,
    more: dict[str, Any],
    key: str,
    actor: str,
    at: datetime,
    at_is_explicit: bool = False,
) -> Balance:
    if type(plan) is not str or billing_cycle not in BILLING_CYCLES:
        raise UnknownPlan(f"{plan!r}, {billing_cycle!r}"[:80])
    require_text(plan, "plan")
    binds = more | {
        "workspace_id": workspace_id,
        "plan": plan,
        "billing_cycle": billing_cycle,
        "key": require_key(key),
        "at": require_business_time(at),
        "actor": require_text(actor, "actor"),
    }
    period_end = more["period_end"]
    body = {"plan": plan, "billing_cycle": billing_cycle, "period_end": period_end and period_end.isoformat()}

    def write() -> WriteResult:
        lot_id = call(db, function, binds)
        return WriteResult(entry_no=_last_entry_no(db, workspace_id), lot_id=lot_id)

    done = idempotent(db, workspace_id, "allocation", key, body=body, write=write)
    lot = get_lot(db, workspace_id, done.lot_id or 0) if at_is_explicit else None
    if lot is not None and lot.acquired_at != at:
        raise KeyReused(f"allocation: {key}")
    return balance_after(db, workspace_id, done.entry_no)


def follow_stripe_plan(
    db: Connection,
    workspace_id: str,
    plan: str,
    billing_cycle: str,
    *,
    allocation: int,
    period_start: datetime,
    period_end: datetime,
    at: datetime,
) -> bool:
    """Set the plan to that of an active Stripe subscription; no minutes move. Return whether it changed."""
    binds = {
        "workspace_id": workspace_id,
        "plan": plan,
        "billing_cycle": billing_cycle,
        "allocation": allocation,
        "period_start": require_business_time(period_start),
        "period_end": require_business_time(period_end),
        "at": require_business_time(at),
    }
    return bool(call(db, "follow_stripe_plan", binds))


def reset_monthly_minutes(db: Connection, workspace_id: str, *, key: str, at: datetime) -> Balance:
    """Book every monthly period due by `at`, one lot each, adding to what remains; nothing due = no change.

    Raises UnknownWorkspace, InvalidKey, InvalidTime.
    """
    binds = {"workspace_id": workspace_id, "at": require_business_time(at)}

    def write() -> WriteResult:
        return WriteResult(entry_no=call(db, "reset_monthly_minutes", binds))

    done = idempotent(db, workspace_id, "reset", require_key(key), body={}, write=write)
    return balance_after(db, workspace_id, done.entry_no)


def reset_due(db: Connection, *, at: datetime, limit: int = 1000) -> int:
    """Book what is due by `at` for up to `limit` workspaces; return how many were processed. For the scheduler."""
    due = (
        db.execute(query("workspaces_due"), {"at": require_business_time(at), "limit": limit}).scalars().all()
    )
    for workspace_id in due:
        call(db, "reset_monthly_minutes", {"workspace_id": workspace_id, "at": at})
    return len(due)


def cancel_plan(
    db: Connection, workspace_id: str, *, key: str, actor: str, at: datetime, at_is_explicit: bool = False
) -> Balance:
    """End the plan at `at`: periods due by then are booked, none follows, the minutes stay.

    `at_is_explicit`: a repeat of the key with another `at` is another request. Raises UnknownWorkspace, KeyReused.
    """
    require_text(actor, "actor")
    binds: dict[str, Any] = {"workspace_id": workspace_id, "at": require_business_time(at)}

    def write() -> WriteResult:
        return WriteResult(entry_no=call(db, "cancel_plan", binds))

    body = {"at": binds["at"].isoformat()}
    done = idempotent(
        db,
        workspace_id,
        "cancel",
        require_key(key),
        body=body,
        compared=body if at_is_explicit else {},
        write=write,
    )
    return balance_after(db, workspace_id, done.entry_no)


def _last_entry_no(db: Connection, workspace_id: str) -> int:
    return int(db.execute(query("balance_now"), {"workspace_id": workspace_id}).mappings().one()["entry_no"])
