"""Add annotations, goals, alerts and saved views to metrics."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from dashboard import installation
from dashboard.access import Operator
from dashboard.actions.acting import ActionResult, NotAllowed, acting, needs
from dashboard.actions.power import approval_of_messages, ask_for_messages
from dashboard.clock import present
from ledger.desk import saved_views
from ledger.metrics import annotations
from ledger.notify import CHANNELS, metric_alerts


@needs("view_metrics")
def annotate_charts(
    operator: Operator, annotation_id: UUID, text: str, *, kind: str, happened_at: datetime
) -> ActionResult:
    """Save a note that charts show. Raises NotAllowed, InvalidText, InvalidTime."""
    with acting(operator, f"annotation:{annotation_id}") as act:
        if act.seen("annotate"):
            return ActionResult("This annotation was already saved.", repeated=True)
        annotations.annotate(
            act.db, annotation_id, text, kind=kind, happened_at=happened_at, actor=operator.actor
        )
        act.record("annotate", subject=str(annotation_id), after={"text": text, "kind": kind})
    return ActionResult("Annotation saved. Charts show it now.")


@needs("view_metrics")
def withdraw_annotation(operator: Operator, annotation_id: UUID) -> ActionResult:
    """Remove one's own annotation; an administrator may remove anyone's. Raises NotAllowed."""
    author = None if operator.may("manage_staff") else operator.actor
    with acting(operator, f"withdraw annotation:{annotation_id}") as act:
        if not annotations.withdraw_annotation(act.db, annotation_id, author=author, at=act.at):
            return ActionResult("You have no such annotation.", repeated=True)
        act.record("withdraw_annotation", subject=str(annotation_id))
    return ActionResult("Annotation removed. Charts no longer show it.")


@needs("view_metrics")
def set_metric_goal(operator: Operator, metric: str, value: float | None, *, source: str) -> ActionResult:
    """Set or remove the goal of a metric. Raises NotAllowed, UnknownMetric."""
    with acting(operator, f"goal:{uuid4()}") as act:
        annotations.set_goal(act.db, metric, value, source=source, actor=operator.actor, at=act.at)
        act.record("set_goal", subject=metric, after={"value": value, "source": source})
    return ActionResult("Goal set." if value is not None else "Goal removed.")


def may_use_webhooks(operator: Operator) -> bool:
    """Return whether somebody may choose which addresses this server calls by itself."""
    return operator.may("manage_keys")


def require_channel(operator: Operator, name: str) -> None:
    """Raise NotAllowed when a channel calls an address that this person may not choose."""
    channel = CHANNELS.get(name)
    if channel and channel.calls_out and not may_use_webhooks(operator):
        raise NotAllowed("Webhooks need the right to manage API keys; choose e-mail.")


@needs("view_metrics")
def alert_on_metric(operator: Operator, /, alert_id: UUID, metric: str, **alert: Any) -> ActionResult:
    """Add an alert for when a metric goes beyond a threshold. Raises NotAllowed, InvalidAlert, UnknownMetric.

    A webhook makes this server call an address, so it needs the right to manage API keys (`may_use_webhooks`). An
    address outside the staff gets nothing before a second person has approved it. The webhook's secret is in the
    answer's details, to be shown once.
    """
    require_channel(operator, alert["channel"])
    with acting(operator, f"alert:{alert_id}") as act:
        if act.seen("alert_on_metric", "ask_alert_subscription"):
            return ActionResult("This alert was already saved.", repeated=True)
        approval_id = approval_of_messages(act, alert["channel"], alert["target"])
        secret = metric_alerts.add_metric_alert(
            act.db,
            alert_id,
            metric,
            **alert,
            actor=operator.actor,
            at=act.at,
            approval_id=approval_id,
        )
        shown = {"secret": secret} if secret else {}
        if approval_id:
            where = {"channel": alert["channel"], "target": alert["target"]}
            return ask_for_messages(act, alert_id, metric, **where, details=shown)
        act.record("alert_on_metric", subject=metric, after={**alert, "alert_id": str(alert_id)})
    return ActionResult("Alert saved. It is checked every five minutes.", details=shown)


@needs("view_metrics")
def stop_alert(operator: Operator, alert_id: UUID) -> ActionResult:
    """Stop an alert; its history stays. Raises NotAllowed."""
    with acting(operator, f"stop alert:{alert_id}") as act:
        metric_alerts.stop_metric_alert(act.db, alert_id, at=act.at)
        act.record("stop_alert", subject=str(alert_id))
    return ActionResult("Alert stopped.")


@needs("view_metrics")
def save_view(operator: Operator, page: str, name: str, address: str) -> ActionResult:
    """Save the address of a page under a personal name. Raises NotAllowed, InvalidText."""
    with installation.writing() as db:
        saved_views.save_view(db, operator.actor, page, name, address, at=present())
    return ActionResult("View saved.")


@needs("view_metrics")
def drop_view(operator: Operator, page: str, name: str) -> ActionResult:
    """Remove a personal view. Raises NotAllowed."""
    with installation.writing() as db:
        saved_views.delete_view(db, operator.actor, page, name)
    return ActionResult("View removed.")
