"""Grant minutes by hand, within limits or with approval, and take unused ones back."""

from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import Connection

import ledger
from dashboard.access import Operator
from dashboard.actions.acting import Acting, ActionResult, acting, balances, needs
from dashboard.text import counted, decimal
from ledger.desk import approvals, audit, staff
from ledger.validation import require_minutes, require_text


def request_uuid(request_id: str) -> UUID:
    """Return the uuid of a click: a repeated click is the same request."""
    return uuid5(NAMESPACE_URL, f"request:{request_id}")


def above_limit(
    db: Connection, operator: Operator, minutes: int, *, at: datetime, per_grant: bool = True
) -> str | None:
    """Return why this many minutes need a second person; None when the role may give them alone.

    `per_grant` False: they are many grants, so only the limit of the day counts.
    """
    limit = staff.limits(db)[operator.role]
    if per_grant and minutes > limit.minutes_per_grant:
        return f"above your limit of {decimal(limit.minutes_per_grant)} minutes for one grant"
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    given, _cents = audit.granted_since(db, operator.actor, midnight)
    if given + minutes > limit.minutes_per_day:
        return f"above your limit of {decimal(limit.minutes_per_day)} minutes a day ({decimal(given)} given today)"
    return None


@needs("grant_minutes")
def grant_minutes(
    operator: Operator, workspace_id: str, minutes: int, *, reason: str, key: str
) -> ActionResult:
    """Grant minutes, or request approval above the role's limit. A repeated key grants once.

    Raises NotAllowed, UnknownWorkspace, InvalidMinutes, InvalidText.
    """
    require_minutes(minutes)
    require_text(reason, "reason")
    with acting(operator, key) as act:
        if line := act.seen("grant", "ask_grant"):
            return ActionResult("These minutes were already granted.", repeated=True, details=line.after)
        ledger.get_workspace(act.db, workspace_id)
        if why := above_limit(act.db, operator, minutes, at=act.at):
            return _ask(act, workspace_id, minutes, reason, why)
        lot_id, total = book(
            act, "grant", workspace_id, minutes, reason=reason, key=f"staff:{key}", giver=operator.actor
        )
    sentence = counted(
        minutes,
        "{n} minute granted. The balance is now {total}.",
        "{n} minutes granted. The balance is now {total}.",
        total=decimal(total),
    )
    return ActionResult(sentence, details={"lot_id": lot_id})


def book(
    act: Acting,
    action: str,
    workspace_id: str,
    minutes: int,
    *,
    reason: str,
    key: str,
    giver: str,
    about: str = "",
) -> tuple[int, int]:
    """Grant minutes in the name of `giver` and write the audit line; return the lot and the new balance.

    `about` follows the lot in the line. Raises UnknownWorkspace, InvalidMinutes, InvalidText.
    """
    before = balances(act.db, workspace_id)
    lot = ledger.grant_minutes(act.db, workspace_id, minutes, reason=reason, key=key, actor=giver, at=act.at)
    after = balances(act.db, workspace_id)
    act.record(
        action,
        workspace_id=workspace_id,
        subject=f"lot {lot.lot_id}{about}",
        minutes=minutes,
        before=before,
        after=after,
        reason=reason,
    )
    return lot.lot_id, after["total_minutes"]


def _ask(act: Acting, workspace_id: str, minutes: int, reason: str, why: str) -> ActionResult:
    approval_id = request_uuid(act.request_id)
    approvals.request_approval(
        act.db,
        approval_id,
        action="grant",
        workspace_id=workspace_id,
        body={"minutes": minutes, "key": act.request_id},
        minutes=minutes,
        reason=reason,
        actor=act.operator.actor,
        role=act.operator.role,
        at=act.at,
    )
    act.record(
        "ask_grant", workspace_id=workspace_id, subject=str(approval_id), minutes=minutes, reason=reason
    )
    sentence = counted(
        minutes,
        "Approval requested: {n} minute is {why}.",
        "Approval requested: {n} minutes are {why}.",
        why=why,
    )
    return ActionResult(sentence, waits_for=approval_id)


@needs("grant_minutes")
def void_minutes(
    operator: Operator, workspace_id: str, lot_id: int, minutes: int | None = None, *, reason: str, key: str
) -> ActionResult:
    """Take back unused minutes of a grant; None takes all that is left. Plan and bought minutes stay.

    Raises NotAllowed, UnknownWorkspace, UnknownLot, InsufficientMinutes, InvalidText.
    """
    require_text(reason, "reason")
    with acting(operator, key) as act:
        if act.seen("void"):
            return ActionResult("These minutes were already taken back.", repeated=True)
        lot = next((lot for lot in ledger.list_lots(act.db, workspace_id) if lot.lot_id == lot_id), None)
        if lot is None or lot.kind != "grant":
            raise ledger.UnknownLot(f"Lot {lot_id} is not a grant.")
        before = balances(act.db, workspace_id)
        entry = ledger.void_minutes(
            act.db,
            workspace_id,
            lot_id,
            minutes,
            reason=reason,
            key=f"staff:{key}",
            actor=operator.actor,
            at=act.at,
        )
        act.record(
            "void",
            workspace_id=workspace_id,
            subject=f"lot {lot_id}",
            minutes=entry.minutes,
            before=before,
            after=balances(act.db, workspace_id),
            reason=reason,
        )
    return ActionResult(f"{decimal(entry.minutes)} unused minutes taken back.")
