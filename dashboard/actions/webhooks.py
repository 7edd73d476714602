"""Webhook endpoints: where events are posted, their secrets, and sending one again."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from dashboard.access import Operator
from dashboard.actions.acting import ActionResult, acting, needs
from dashboard.actions.grants import request_uuid
from dashboard.actions.power import ask_for_approval, works_alone
from ledger.notify import (
    create_endpoint,
    delete_endpoint,
    get_webhook_endpoint,
    replay_delivery,
    rotate_secret,
)


@needs("manage_keys")
def add_webhook_endpoint(operator: Operator, url: str, events: Sequence[str], *, key: str) -> ActionResult:
    """Add an endpoint; it gets events once a second person has approved it. `details["secret"]` shows its secret once.

    Raises NotAllowed, InvalidWebhookEndpoint.
    """
    with acting(operator, key) as act:
        if act.seen("add_webhook_endpoint", "ask_webhook_endpoint"):
            return ActionResult("This endpoint was already added. Its secret was shown once.", repeated=True)
        approval_id = None if works_alone(operator) else request_uuid(key)
        made = create_endpoint(
            act.db, url.strip(), events, actor=operator.actor, at=act.at, approval_id=approval_id
        )
        after, subject = {"url": made.url, "events": list(made.events)}, str(made.endpoint_id)
        if approval_id is None:
            act.record("add_webhook_endpoint", subject=subject, after=after)
            return ActionResult(f"Events go to {made.url} from now on.", details={"secret": made.secret})
        body = {"endpoint_id": subject, **after}
        request = ask_for_approval(act, "webhook_endpoint", body, f"Events to {made.url}", subject=subject)
    return replace(request, details={"secret": made.secret})


@needs("manage_keys")
def rotate_webhook_secret(operator: Operator, endpoint_id: UUID, *, key: str) -> ActionResult:
    """Replace the secret of an endpoint; `details["secret"]` shows the new one. Raises NotAllowed, UnknownEndpoint."""
    with acting(operator, key) as act:
        if act.seen("rotate_webhook_secret"):
            return ActionResult("The secret was already replaced. The new one was shown once.", repeated=True)
        made = rotate_secret(act.db, endpoint_id, at=act.at)
        after = {"previous_until": made.previous_until}
        act.record("rotate_webhook_secret", subject=str(endpoint_id), after=after)
    return ActionResult(
        "Secret replaced. Both secrets sign every event for 24 hours.", details={"secret": made.secret}
    )


@needs("manage_keys")
def delete_webhook_endpoint(operator: Operator, endpoint_id: UUID, *, key: str) -> ActionResult:
    """Send nothing more to an endpoint. Raises NotAllowed, UnknownEndpoint."""
    with acting(operator, key) as act:
        if act.seen("delete_webhook_endpoint"):
            return ActionResult("This endpoint was already deleted.", repeated=True)
        before = get_webhook_endpoint(act.db, endpoint_id)
        delete_endpoint(act.db, endpoint_id, actor=operator.actor, at=act.at)
        act.record("delete_webhook_endpoint", subject=str(endpoint_id), before={"url": before.url})
    return ActionResult(f"Endpoint deleted. {before.url} gets no more events.")


@needs("replay_events")
def replay_webhook_event(operator: Operator, endpoint_id: UUID, event_no: int, *, key: str) -> ActionResult:
    """Send an event to an endpoint again, under the same message id. Raises NotAllowed, UnknownDelivery."""
    with acting(operator, key) as act:
        if act.seen("replay_webhook_event"):
            return ActionResult("This event is already being sent again.", repeated=True)
        replay_delivery(act.db, endpoint_id, event_no, at=act.at)
        act.record("replay_webhook_event", subject=f"event {event_no} to {endpoint_id}")
    return ActionResult("Sending the event again.")
