"""Subscriptions to reports: who gets the numbers of a page by which channel, a test, and the end of it."""

from dataclasses import asdict
from uuid import UUID

from dashboard import installation
from dashboard.access import Operator
from dashboard.actions.acting import ActionResult, NotAllowed, acting, needs
from dashboard.actions.marking import require_channel
from dashboard.actions.power import approval_of_messages, ask_for_messages
from dashboard.clock import present
from ledger.notify import (
    MailServer,
    Report,
    ReportSubscription,
    list_reports,
    send_report,
    stop_report,
    subscribe_to_report,
)


@needs("view_metrics")
def add_report(operator: Operator, subscription: ReportSubscription) -> ActionResult:
    """Subscribe an address to a page. Raises NotAllowed, InvalidAlert.

    A webhook makes this server call an address, so it needs the right to manage API keys. Its secret is in the
    answer's details, to be shown once.
    """
    require_channel(operator, subscription.channel)
    with acting(operator, f"report:{subscription.alert_id}") as act:
        if act.seen("add_report", "ask_alert_subscription"):
            return ActionResult("This report was already added.", repeated=True)
        where = {"channel": subscription.channel, "target": subscription.target}
        approval_id = approval_of_messages(act, **where)
        secret = subscribe_to_report(act.db, subscription, at=act.at, approval_id=approval_id)
        details = {"secret": secret} if secret else {}
        if approval_id:
            return ask_for_messages(act, subscription.alert_id, "report", **where, details=details)
        shown = ("source", "page", "query", "every", "channel", "target")
        after = {name: value for name, value in asdict(subscription).items() if name in shown}
        act.record("add_report", subject=str(subscription.alert_id), after=after)
    return ActionResult(
        f"{subscription.target} gets this page every {subscription.every} from now on.", details=details
    )


@needs("view_metrics")
def stop_report_of(operator: Operator, alert_id: UUID) -> ActionResult:
    """Stop one's own report; an administrator may stop anyone's. Raises NotAllowed."""
    author = None if operator.may("manage_staff") else operator.actor
    with acting(operator, f"stop report:{alert_id}") as act:
        if not stop_report(act.db, alert_id, created_by=author, at=act.at):
            return ActionResult("You have no such report.", repeated=True)
        act.record("stop_report", subject=str(alert_id))
    return ActionResult("Report stopped. Nothing more is sent.")


@needs("view_metrics")
def send_test_report(
    operator: Operator, subscription: ReportSubscription, report: Report, *, key: str
) -> ActionResult:
    """Send a report at once. The sentence says whether it arrived. Raises NotAllowed."""
    if subscription.created_by != operator.actor and not operator.may("manage_staff"):
        raise NotAllowed("This report is somebody else's.")
    with acting(operator, key) as act:
        if subscription.alert_id not in {each.alert_id for each in list_reports(act.db)}:
            raise NotAllowed("This report waits for a second person, or was stopped.")
        if act.seen("send_test_report"):
            return ActionResult("This test was already sent.", repeated=True)
        act.record("send_test_report", subject=str(subscription.alert_id))
    settings, at = installation.settings(), present()
    server = MailServer(url=settings.smtp_url, sender=settings.mail_from)
    reason = send_report(subscription, report, server, written_at=at, at=at)
    return ActionResult(
        f"Test sent to {subscription.target}." if reason is None else f"Test not delivered: {reason}."
    )
