"""Bulk grants: many grants at once, within the limits or approved, row by row, undone as a whole."""

from collections.abc import Sequence
from uuid import UUID

from dashboard.access import Operator
from dashboard.actions.acting import Acting, ActionResult, NotAllowed, acting, needs
from dashboard.actions.grants import above_limit, request_uuid
from dashboard.text import counted, decimal
from ledger.desk import GrantRequest, Row, approvals, bulk_grants, staff
from ledger.errors import InvalidMinutes


@needs("grant_in_bulk")
def start_batch(
    operator: Operator, requests: Sequence[GrantRequest], *, title: str, reason: str, key: str
) -> ActionResult:
    """Save a list; above the role's limits it waits for a second person. Rows are granted by `apply_row`.

    Raises NotAllowed, InvalidText, InvalidMinutes (no row can be granted, or too many rows).
    """
    if len(requests) > bulk_grants.ROWS_AT_MOST:
        raise InvalidMinutes(f"A list has at most {decimal(bulk_grants.ROWS_AT_MOST)} rows.")
    batch_id = request_uuid(key)
    with acting(operator, key) as act:
        if act.seen("start_batch", "ask_batch"):
            return ActionResult("This list was already saved.", repeated=True, details={"batch_id": batch_id})
        rows = bulk_grants.check_rows(act.db, requests)
        good = [row.minutes for row in rows if not row.problem]
        if not good:
            raise InvalidMinutes("No row of the list can be granted.")
        why = _above_limit(act, good)
        bulk_grants.create_batch(
            act.db,
            batch_id,
            rows,
            title=title,
            reason=reason,
            needs_approval=why is not None,
            actor=operator.actor,
            at=act.at,
        )
        action = "ask_batch" if why else "start_batch"
        after = {"rows": len(rows), "good_rows": len(good), "title": title}
        act.record(action, subject=str(batch_id), minutes=sum(good), after=after, reason=reason)
        if why:
            _ask(act, batch_id, sum(good), reason)
            sentence = f"Saved. It is {why}: a second person must approve it."
            return ActionResult(sentence, waits_for=batch_id, details={"batch_id": batch_id})
    return ActionResult("Saved. It can run now.", details={"batch_id": batch_id})


def _above_limit(act: Acting, minutes: Sequence[int]) -> str | None:
    one = staff.limits(act.db)[act.operator.role].minutes_per_grant
    if max(minutes) > one:
        return f"above your limit of {decimal(one)} minutes for one grant"
    return above_limit(act.db, act.operator, sum(minutes), at=act.at, per_grant=False)


def _ask(act: Acting, batch_id: UUID, minutes: int, reason: str) -> None:
    approvals.request_approval(
        act.db,
        batch_id,
        action="batch",
        workspace_id=None,
        body={"batch_id": batch_id},
        minutes=minutes,
        reason=reason,
        actor=act.operator.actor,
        role=act.operator.role,
        at=act.at,
    )


@needs("grant_in_bulk")
def apply_row(operator: Operator, batch_id: UUID, row_no: int) -> Row | None:
    """Grant one row in its own transaction; None when it does not wait. Raises NotAllowed, UnknownBatch."""
    with acting(operator, f"batch:{batch_id}:{row_no}") as act:
        batch = bulk_grants.batch_header(act.db, batch_id)
        if batch.is_on_hold:
            raise NotAllowed("This list waits for approval, or was taken back.")
        actor, reason = batch.created_by, batch.reason
        row = bulk_grants.apply_row(act.db, batch_id, row_no, reason=reason, actor=actor, at=act.at)
        if row:
            act.record(
                "batch_grant" if row.state == "granted" else "batch_refused",
                workspace_id=row.workspace_id,
                subject=f"batch {batch_id}, row {row_no}",
                minutes=row.minutes,
                after={"lot_id": row.lot_id, "problem": row.problem},
                reason=reason,
            )
    return row


@needs("grant_in_bulk")
def stop_batch(operator: Operator, batch_id: UUID) -> ActionResult:
    """Grant no further row, so that the list can be undone. Raises NotAllowed, UnknownBatch."""
    with acting(operator, f"stop:{batch_id}") as act:
        batch = bulk_grants.get_batch(act.db, batch_id)
        if act.seen("stop_batch"):
            return ActionResult("This list was already stopped.", repeated=True)
        bulk_grants.stop_batch(act.db, batch_id, actor=operator.actor)
        act.record(
            "stop_batch", subject=str(batch_id), before={"granted": batch.granted, "waiting": batch.waiting}
        )
    return ActionResult(
        counted(batch.waiting, "Stopped. {n} row was not granted.", "Stopped. {n} rows were not granted.")
    )


@needs("grant_in_bulk")
def undo_row(operator: Operator, batch_id: UUID, row_no: int) -> Row | None:
    """Take back the unused minutes of one granted row; None when there are none. Raises NotAllowed, UnknownBatch."""
    with acting(operator, f"undo:{batch_id}:{row_no}") as act:
        reason = f"Bulk grant undone: {bulk_grants.batch_header(act.db, batch_id).title}"
        row = bulk_grants.undo_row(act.db, batch_id, row_no, reason=reason, actor=operator.actor, at=act.at)
        if row:
            act.record(
                "batch_undo",
                workspace_id=row.workspace_id,
                subject=f"batch {batch_id}, row {row_no}",
                minutes=row.undone_minutes,
                reason=reason,
            )
    return row
