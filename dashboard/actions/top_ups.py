"""Auto top-up set by staff on a customer's behalf."""

from dashboard.access import Operator
from dashboard.actions.acting import ActionResult, acting, needs
from ledger.payments import get_auto_top_up, set_auto_top_up

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
            actor=operator.actor,
            at=act.at,
        )
        act.record(
            "auto_top_up",
            workspace_id=workspace_id,
            before={name: getattr(before, name) for name in FIELDS} if before else None,
            after={name: getattr(after, name) for name in FIELDS},
        )
    return ActionResult("Auto top-up saved." if enabled else "Auto top-up is off.")
