"""Auto top-up set by staff on a customer's behalf."""

from dashboard.access import Operator
from dashboard.actions.acting import ActionResult, acting, needs
from dashboard.installation import current
from ledger.payments import get_auto_top_up, set_auto_top_up

NO_CARD_YET = "Nothing can be charged until the customer saves a card: send a billing link."
FIELDS = ("package", "trigger", "monthly_limit_cents", "enabled")


@needs("grant_minutes")
def save_auto_top_up(
    operator: Operator,
    workspace_id: str,
    *,
    package: str,
    trigger: int,
    monthly_limit_cents: int,
    enabled: bool,
    key: str,
) -> ActionResult:
    """Save what a workspace buys by itself, and clear a pause.

    Raise NotAllowed, UnknownWorkspace, UnknownPackage, InvalidTopUp.
    """
    card_saved = current().may_top_up(workspace_id, enabled=enabled)
    with acting(operator, key) as act:
        if act.seen("auto_top_up"):
            return ActionResult("These settings were already saved.", repeated=True)
        before = get_auto_top_up(act.db, workspace_id)
        after = set_auto_top_up(
            act.db,
            workspace_id,
            package=package,
            trigger=trigger,
            monthly_limit_cents=monthly_limit_cents,
            enabled=enabled,
            card_saved=card_saved,
            actor=operator.actor,
            at=act.at,
        )
        act.record(
            "auto_top_up",
            workspace_id=workspace_id,
            before={name: getattr(before, name) for name in FIELDS} if before else None,
            after={name: getattr(after, name) for name in FIELDS},
        )
    if not enabled:
        return ActionResult("Auto top-up is off.")
    return ActionResult("Auto top-up saved." if card_saved else f"Auto top-up saved. {NO_CARD_YET}")
