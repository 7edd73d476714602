"""Add notes, pin workspaces and record which were opened; audited where other people see the result."""

from uuid import UUID

from dashboard import installation
from dashboard.access import Operator
from dashboard.actions.acting import ActionResult, acting, needs
from dashboard.actions.grants import request_uuid
from dashboard.clock import present
from ledger.desk import notes


@needs("write_notes")
def add_note(operator: Operator, workspace_id: str, text: str, *, key: str) -> ActionResult:
    """Save a note on a workspace; a repeated key saves one. Raises NotAllowed, UnknownWorkspace, InvalidText."""
    with acting(operator, key) as act:
        if act.seen("note"):
            return ActionResult("This note was already saved.", repeated=True)
        notes.add_note(act.db, workspace_id, request_uuid(key), text, author=operator.actor, at=act.at)
        act.record(
            "note", workspace_id=workspace_id, subject=str(request_uuid(key)), after={"letters": len(text)}
        )
    return ActionResult("Note saved.")


@needs("write_notes")
def remove_note(operator: Operator, workspace_id: str, note_id: UUID) -> ActionResult:
    """Remove one's own note; an administrator may remove anyone's. Raises NotAllowed."""
    author = None if operator.may("manage_staff") else operator.actor
    with acting(operator, f"remove:{note_id}") as act:
        text = notes.remove_note(act.db, workspace_id, note_id, author=author)
        if text is None:
            return ActionResult("You have no such note.", repeated=True)
        act.record(
            "remove_note", workspace_id=workspace_id, subject=str(note_id), before={"letters": len(text)}
        )
    return ActionResult("Note removed.")


@needs("view_workspaces")
def open_workspace(operator: Operator, workspace_id: str) -> None:
    """Record that the operator opened a workspace."""
    with installation.writing() as db:
        notes.opened(db, operator.actor, workspace_id, at=present())


@needs("write_notes")
def pin_workspace(operator: Operator, workspace_id: str, *, pinned: bool) -> None:
    """Pin a workspace to the operator's own list, or unpin it."""
    with installation.writing() as db:
        notes.pin(db, operator.actor, workspace_id, pinned=pinned, at=present())
