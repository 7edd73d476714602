"""Replay events, reconcile payments with Stripe, resolve alerts."""

from datetime import timedelta

from dashboard import installation
from dashboard.access import Operator
from dashboard.actions.acting import ActionResult, acting, needs
from dashboard.clock import present
from dashboard.installation import current
from dashboard.text import counted
from ledger.payments import close_alert as close
from ledger.payments import reconcile
from ledger.webhooks import replay


@needs("replay_events")
def replay_event(operator: Operator, event_id: str, *, key: str) -> ActionResult:
    """Queue a Stripe event to run again; the worker picks it up within a second. Raises NotAllowed, UnknownEvent."""
    with acting(operator, key) as act:
        if act.seen("replay_event"):
            return ActionResult("Already done.", repeated=True)
        replay(act.db, event_id, at=act.at)
        act.record("replay_event", subject=event_id)
    return ActionResult("Event queued to run again.")


@needs("replay_events")
def reconcile_payments(operator: Operator, days: int, *, key: str) -> ActionResult:
    """Compare the last days with Stripe, both ways, and repair what a sync can. Raises NotAllowed, GatewayError."""
    with acting(operator, key) as act:
        if act.seen("reconcile"):
            return ActionResult("Already done.", repeated=True)
        act.record("reconcile", after={"days": days})
    at = present()
    reports = [
        reconcile(
            installation.engine(),
            current().gateway(source),
            since=at - timedelta(days=days),
            until=at + timedelta(minutes=1),
            actor=operator.actor,
            at=at,
        )
        for source in dict.fromkeys((installation.settings().mode, "sandbox"))
    ]
    differences = sum(len(report.findings) for report in reports)
    repaired = sum(report.repaired for report in reports)
    checked = sum(report.checked_payments for report in reports)
    return ActionResult(
        "{payments} compared: {differences}, {repaired} repaired.".format(
            payments=counted(checked, "{n} payment", "{n} payments"),
            differences=counted(differences, "{n} difference", "{n} differences"),
            repaired=repaired,
        )
    )


@needs("replay_events")
def close_alert(operator: Operator, alert_id: str, *, key: str) -> ActionResult:
    """Mark a payment alert as resolved. Raises NotAllowed."""
    with acting(operator, key) as act:
        if act.seen("close_alert") or not close(act.db, alert_id, actor=operator.actor, at=act.at):
            return ActionResult("Already done.", repeated=True)
        act.record("close_alert", subject=alert_id)
    return ActionResult("Alert marked as resolved.")
