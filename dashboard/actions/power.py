"""What needs a second person: more to give away, another decider, a program that writes, data that go outside."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from uuid import UUID

from dashboard.access import Operator
from dashboard.actions.acting import Acting, ActionResult
from dashboard.actions.grants import request_uuid
from ledger.desk import approvals, keys, staff
from ledger.notify import (
    ALERT_KINDS,
    approve_endpoint,
    approve_subscription,
    delete_endpoint,
    stop_subscription,
)

POWERFUL = ("support", "admin")
"""Roles that can ask for minutes or decide: with a second account of one's own there would be no second person."""


def raises_limits(before: staff.Limits | None, after: staff.Limits) -> bool:
    """Return whether a role could give away more than before, in any of its limits."""
    old = asdict(before) if before else {}
    return any(value > old.get(name, 0) for name, value in asdict(after).items() if name != "role")


def gives_power(before: staff.Staff | None, role: str) -> bool:
    """Return whether somebody would hold a powerful role that they do not hold now."""
    holds_it = before is not None and before.role == role and before.disabled_at is None
    return role in POWERFUL and not holds_it


def works_alone(operator: Operator) -> bool:
    """Return whether there can be no second person: without sign-in there is one local administrator."""
    return operator.signed_in_by == "local"


def leaves_the_company(act: Acting, channel: str, target: str) -> bool:
    """Return whether messages would reach anybody but staff."""
    staff_addresses = {each.email for each in staff.list_staff(act.db) if each.disabled_at is None}
    return channel != "email" or target.strip().lower() not in {act.operator.actor.lower(), *staff_addresses}


def approval_of_messages(act: Acting, channel: str, target: str) -> UUID | None:
    """Return the request by which messages to an address wait for a second person, None where none is needed."""
    is_free = works_alone(act.operator) or not leaves_the_company(act, channel, target)
    return None if is_free else request_uuid(act.request_id)


def ask_for_messages(
    act: Acting, alert_id: UUID, kind: str, *, channel: str, target: str, details: Mapping[str, str]
) -> ActionResult:
    """Request that alerts or reports go to an address outside the company."""
    body = {"alert_id": str(alert_id), "kind": kind, "channel": channel, "target": target}
    words = f"{kind.capitalize()} messages to {target}"
    request = ask_for_approval(act, "alert_subscription", body, words, subject=str(alert_id))
    return replace(request, details=dict(details))


def ask_for_limits(act: Acting, after: staff.Limits) -> ActionResult:
    """Request higher limits."""
    return ask_for_approval(
        act, "limits", asdict(after), f"Higher limits of {after.role}", subject=after.role
    )


def ask_for_staff(act: Acting, email: str, *, role: str, name: str) -> ActionResult:
    """Request a person with a powerful role."""
    body = {"email": email, "role": role, "name": name}
    return ask_for_approval(act, "staff", body, f"{email} as {role}", subject=email)


def ask_for_approval(
    act: Acting, action: str, body: Mapping[str, object], reason: str, *, subject: str
) -> ActionResult:
    """Request the approval of a change of power."""
    approval_id = request_uuid(act.request_id)
    approvals.request_approval(
        act.db,
        approval_id,
        action=action,
        workspace_id=None,
        body=body,
        reason=reason,
        actor=act.operator.actor,
        role=act.operator.role,
        at=act.at,
    )
    act.record(f"ask_{action}", subject=subject, after=body, reason=reason)
    return ActionResult(
        f"{reason}: another administrator must approve it (Approvals).", waits_for=approval_id
    )


def carry_out(act: Acting, approval: approvals.Approval) -> ActionResult:
    """Carry out an approved change of power."""
    if approval.action == "limits":
        after = staff.Limits(**approval.body)
        before = staff.limits(act.db)[after.role]
        staff.set_limits(act.db, after)
        act.record(
            "approve_limits",
            subject=after.role,
            before=asdict(before),
            after=asdict(after),
            reason=approval.reason,
        )
        return ActionResult(f"Approved. Limits of {after.role} saved.")
    if approval.action == "api_key":
        key_id = keys.approve_key(act.db, approval.approval_id, actor=act.operator.actor)
        act.record("approve_api_key", subject=key_id, after=approval.body, reason=approval.reason)
        return ActionResult(
            "Approved. The key works now." if key_id else "Approved, but the key was revoked meanwhile."
        )
    if approval.action == "webhook_endpoint":
        endpoint = approve_endpoint(act.db, approval.approval_id, actor=act.operator.actor)
        act.record("approve_webhook_endpoint", subject=approval.body["endpoint_id"], reason=approval.reason)
        return ActionResult(
            f"Approved. Events go to {endpoint.url} from now on."
            if endpoint
            else "Approved, but the endpoint was deleted meanwhile."
        )
    if approval.action == "alert_subscription":
        target = approve_subscription(act.db, approval.approval_id, actor=act.operator.actor, at=act.at)
        act.record("approve_alert_subscription", subject=approval.body["alert_id"], reason=approval.reason)
        return ActionResult(
            f"Approved. Messages go to {target} from now on."
            if target
            else "Approved, but the subscription was stopped meanwhile."
        )
    person = staff.add_staff(act.db, **approval.body, actor=approval.requested_by, at=act.at)
    act.record("approve_staff", subject=person.email, after={"role": person.role}, reason=approval.reason)
    return ActionResult(f"Approved. {person.email} can sign in as {person.role}.")


def clear_away(act: Acting, approval: approvals.Approval) -> None:
    """Revoke the key, or end the address, that was rejected: it waited, and has opened nothing."""
    if approval.action == "api_key":
        keys.revoke_key(act.db, approval.body["key_id"], actor=act.operator.actor, at=act.at)
    if approval.action == "webhook_endpoint":
        delete_endpoint(act.db, UUID(approval.body["endpoint_id"]), actor=act.operator.actor, at=act.at)
    if approval.action == "alert_subscription":
        kinds = (*ALERT_KINDS, "metric", "report")
        stop_subscription(act.db, UUID(approval.body["alert_id"]), at=act.at, kinds=kinds)
