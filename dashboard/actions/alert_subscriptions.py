"""Subscriptions to usage and payment alerts: who is notified, by which channel."""

from uuid import UUID, uuid4

from dashboard import installation
from dashboard.access import Operator
from dashboard.actions.acting import ActionResult, acting, needs
from dashboard.actions.power import approval_of_messages, ask_for_messages
from ledger.notify import CHANNELS, stop_subscription, subscribe


@needs("manage_keys")
def add_alert_subscription(
    operator: Operator, kind: str, channel: str, target: str, *, key: str
) -> ActionResult:
    """Subscribe an address to alerts of this installation's mode. Raises NotAllowed, InvalidAlert.

    An address outside the staff gets nothing before a second person has approved it.
    The secret of a webhook is in the answer's details, to be shown once.
    """
    alert_id, source = uuid4(), installation.settings().mode
    with acting(operator, key) as act:
        if act.seen("add_alert_subscription", "ask_alert_subscription"):
            return ActionResult("This subscription was already added.", repeated=True)
        about = {"kind": kind, "source": source, "channel": channel, "target": target.strip()}
        approval_id = approval_of_messages(act, channel, target)
        secret = subscribe(
            act.db, alert_id, **about, actor=operator.actor, at=act.at, approval_id=approval_id
        )
        shown = {"secret": secret} if secret else {}
        if approval_id:
            return ask_for_messages(
                act, alert_id, kind, channel=channel, target=target.strip(), details=shown
            )
        act.record("add_alert_subscription", subject=str(alert_id), after=about)
    by = CHANNELS[channel].label
    return ActionResult(f"New {kind} alerts go to {target.strip()} by {by} from now on.", details=shown)


@needs("manage_keys")
def stop_alert_subscription(operator: Operator, alert_id: UUID, *, key: str) -> ActionResult:
    """Send nothing more to a subscription; its history stays. Raises NotAllowed."""
    with acting(operator, key) as act:
        if not stop_subscription(act.db, alert_id, at=act.at):
            return ActionResult("This subscription was already stopped.", repeated=True)
        act.record("stop_alert_subscription", subject=str(alert_id))
    return ActionResult("Subscription stopped. It gets no more alerts.")
