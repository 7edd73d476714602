"""Exporting and erasing the personal data of one customer."""

from dashboard.access import Operator
from dashboard.actions.acting import ActionResult, acting, needs
from ledger.desk import personal_data
from ledger.errors import InvalidText
from ledger.validation import require_text


class NotConfirmed(InvalidText):
    """Type the workspace id exactly as it is to confirm; nothing was erased."""

    code = "not_confirmed"


@needs("manage_personal_data")
def export_personal_data(operator: Operator, workspace_id: str, *, key: str) -> ActionResult:
    """Export everything stored about a customer, as `details["json"]`. Raises NotAllowed, UnknownWorkspace."""
    with acting(operator, key) as act:
        export = personal_data.export_personal_data(act.db, workspace_id)
        if not act.seen("export"):
            act.record("export", workspace_id=workspace_id, after={"letters": len(export)})
    return ActionResult("The export is ready to download.", details={"json": export})


@needs("manage_personal_data")
def erase_personal_data(
    operator: Operator, workspace_id: str, *, confirmed: str, reason: str, key: str
) -> ActionResult:
    """Erase a customer's identity; `confirmed` is the workspace id, typed once more.

    Raises NotAllowed, UnknownWorkspace, NotConfirmed, InvalidText (no reason).
    """
    require_text(reason, "reason")
    if confirmed.strip() != workspace_id:
        raise NotConfirmed(workspace_id)
    with acting(operator, key) as act:
        if act.seen("erase"):
            return ActionResult("This was already erased.", repeated=True)
        erased = personal_data.erase_personal_data(act.db, workspace_id, at=act.at)
        act.record("erase", workspace_id=workspace_id, after=erased, reason=reason)
    return ActionResult("Erased: name, address, notes, receipt links and payment events. The ledger stays.")
