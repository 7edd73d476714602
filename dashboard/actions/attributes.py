"""What else is known about workspaces: set on one of them, or on many by a list."""

from collections.abc import Mapping

from dashboard.access import Operator
from dashboard.actions.acting import ActionResult, acting, needs
from dashboard.text import counted
from ledger.desk import apply_list, check_list
from ledger.errors import InvalidAttribute
from ledger.minutes import AttributeValue, get_attributes
from ledger.minutes import set_attributes as store


@needs("set_attributes")
def set_attributes(
    operator: Operator, workspace_id: str, attributes: Mapping[str, AttributeValue | None], *, key: str
) -> ActionResult:
    """Set the attributes that are named, and remove those named with None.

    Raises NotAllowed, UnknownWorkspace, InvalidAttribute.
    """
    with acting(operator, key) as act:
        if act.seen("set_attributes"):
            return ActionResult("Attributes were already saved.", repeated=True)
        before = get_attributes(act.db, workspace_id)
        after = store(act.db, workspace_id, attributes, actor=operator.actor, at=act.at)
        if after == before:
            return ActionResult("Nothing changed.")
        act.record("set_attributes", workspace_id=workspace_id, before=before, after=after)
    return ActionResult("Attributes saved.")


@needs("set_attributes")
def set_attributes_of_list(operator: Operator, text: str, *, key: str) -> ActionResult:
    """Set what a list names, all of it or nothing. Raises NotAllowed, InvalidAttribute (a line has a problem)."""
    with acting(operator, key) as act:
        if act.seen("set_attributes_of_list"):
            return ActionResult("This list was already applied.", repeated=True)
        rows = check_list(act.db, text)
        if problems := [row for row in rows if row.problem]:
            raise InvalidAttribute(f"Line {problems[0].line}: {problems[0].problem}. Nothing was set.")
        changed = apply_list(act.db, rows, actor=operator.actor, at=act.at)
        keys = sorted({name for row in rows for name in row.changes})
        act.record("set_attributes_of_list", after={"workspaces": changed, "attributes": keys})
    return ActionResult(f"{counted(changed, '{n} workspace', '{n} workspaces')} changed.")
