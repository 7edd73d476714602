"""Holding a share of the workspaces out of the offer, and offering to all again; charts show a mark of both."""

from uuid import NAMESPACE_URL, uuid5

from dashboard.access import Operator
from dashboard.actions.acting import Acting, ActionResult, acting, needs
from ledger.experiments import holdouts
from ledger.metrics import annotate


@needs("manage_catalogue")
def start_hold_out(
    operator: Operator,
    name: str,
    *,
    source: str,
    share_percent: int,
    hits_needed: int,
    reason: str,
    key: str,
) -> ActionResult:
    """Show no offer to a share of the workspaces of a source from now on.

    Raises NotAllowed, InvalidHoldOut, InvalidText, HoldOutConflict (another one runs there).
    """
    with acting(operator, key) as act:
        if act.seen("start_hold_out"):
            return ActionResult("Already done.", repeated=True)
        made = holdouts.start_hold_out(
            act.db,
            name,
            source=source,
            share_percent=share_percent,
            hits_needed=hits_needed,
            reason=reason,
            starts_at=act.at,
            actor=operator.actor,
        )
        after = {"source": source, "share_percent": share_percent, "hits_needed": hits_needed}
        act.record("start_hold_out", subject=made.name, after=after, reason=made.reason)
        _mark(act, f"Hold-out {made.name} started: {share_percent}% of {source} workspaces see no offer")
    return ActionResult(f"Hold-out {made.name} started: {made.share_percent}% of workspaces see no offer.")


@needs("manage_catalogue")
def end_hold_out(operator: Operator, name: str, *, key: str) -> ActionResult:
    """Offer to everybody again; an end is final. Raises NotAllowed, UnknownHoldOut, HoldOutConflict."""
    with acting(operator, key) as act:
        if act.seen("end_hold_out"):
            return ActionResult("Already done.", repeated=True)
        ended = holdouts.end_hold_out(act.db, name, at=act.at)
        act.record("end_hold_out", subject=ended.name)
        _mark(act, f"Hold-out {ended.name} ended: every {ended.source} workspace sees the offer")
    return ActionResult(f"Hold-out {ended.name} ended. All workspaces see the offer.")


def _mark(act: Acting, text: str) -> None:
    """Add a note, not a launch: the first launch is read as the start of the offer itself."""
    mark = uuid5(NAMESPACE_URL, f"{act.request_id}: {text}")
    annotate(act.db, mark, text, kind="note", happened_at=act.at, actor=act.operator.actor)
