"""Usage alerts to customers' systems: where they go, and sending one again."""

from typing import Any

from dashboard.access import Operator
from dashboard.actions.acting import Done, acting, needs
from ledger.notify import Endpoint, get_endpoint, new_secret, outbox, set_endpoint


@needs("replay_events")
def replay_warning(operator: Operator, workspace_id: str, epoch: int, kind: str, *, key: str) -> Done:
    """Send an alert again, under the same message id. Raises NotAllowed, UnknownUsageAlert."""
    with acting(operator, key) as act:
        if act.seen("replay_warning"):
            return Done("Already done.", repeated=True)
        outbox.replay(act.db, workspace_id, epoch, kind, at=act.at)
        act.record("replay_warning", subject=f"{workspace_id}, epoch {epoch}, {kind}")
    return Done("Sending the alert again.")


@needs("manage_keys")
def set_warning_endpoint(
    operator: Operator,
    url: str,
    *,
    enabled: bool,
    sends_plan_exhausted: bool | None = None,
    renew_secret: bool = False,
    key: str,
) -> Done:
    """Set where alerts go; `renew_secret`: replace the secret that signs them.

    A secret that was just made is in the answer's details, to be shown once. Raises NotAllowed, InvalidEndpoint.
    """
    with acting(operator, key) as act:
        if act.seen("set_warning_endpoint"):
            return Done("Already done.", repeated=True)
        before = get_endpoint(act.db)
        secret = new_secret() if renew_secret else None
        after = set_endpoint(
            act.db,
            url.strip(),
            secret=secret,
            enabled=enabled,
            sends_plan_exhausted=sends_plan_exhausted,
            actor=operator.actor,
            at=act.at,
        )
        act.record(
            "set_warning_endpoint",
            before=_logged(before) if before else {},
            after=_logged(after) | {"new_secret": renew_secret or before is None},
        )
    shown = {"secret": after.secret} if renew_secret or before is None else {}
    return Done(f"Alerts are sent to {after.url}.", details=shown)


def _logged(endpoint: Endpoint) -> dict[str, Any]:
    """Return what the audit log stores of an endpoint: never the secret."""
    return {
        "url": endpoint.url,
        "enabled": endpoint.enabled,
        "sends_plan_exhausted": endpoint.sends_plan_exhausted,
    }
