"""Handing out and erasing the personal data of one customer."""

from dashboard.access import Operator
from dashboard.actions.acting import Done, acting, needs
from ledger.desk import personal_data
from ledger.errors import InvalidText
from ledger.validation import require_text


@needs("manage_personal_data")
def export_personal_data(operator: Operator, workspace_id: str, *, key: str) -> Done:
    """Everything kept about a customer, in `details["json"]`. Raises NotAllowed, UnknownWorkspace."""
    with acting(operator, key) as act:
        told = personal_data.export_personal_data(act.db, workspace_id)
        if not act.seen("export"):
            act.record("export", workspace_id=workspace_id, after={"letters": len(told)})
    return Done("The data are ready for download.", details={"json": told})


@needs("manage_personal_data")
def erase_personal_data(
    operator: Operator, workspace_id: str, *, confirmed: str, reason: str, key: str
) -> Done:
    """Erase a customer's identity; `confirmed` is the workspace id, typed once more.

    Raises NotAllowed, UnknownWorkspace, InvalidText (not confirmed, no reason).
    """
    require_text(reason, "reason")
    if confirmed.strip() != workspace_id:
        raise InvalidText("type the workspace id to confirm")
    with acting(operator, key) as act:
        if act.seen("erase"):
            return Done("This was erased already.", repeated=True)
        erased = personal_data.erase_personal_data(act.db, workspace_id, at=act.at)
        act.record("erase", workspace_id=workspace_id, after=erased, reason=reason)
    return Done("Erased: name, address, notes, receipt links and payment events. The ledger stays.")
