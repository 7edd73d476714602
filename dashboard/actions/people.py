"""Staff, their limits, and the API keys of programs."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from dashboard.access import Operator
from dashboard.actions.acting import Acting, ActionResult, acting, needs
from dashboard.actions.grants import request_uuid
from dashboard.actions.power import (
    ask_for_approval,
    ask_for_limits,
    ask_for_staff,
    gives_power,
    raises_limits,
    works_alone,
)
from ledger.desk import keys, staff
from ledger.errors import SecondPersonNeeded


@needs("manage_staff")
def add_staff(operator: Operator, email: str, *, role: str, name: str = "", key: str) -> ActionResult:
    """Add a person with a role, or change the role of a person. Raises NotAllowed, UnknownStaff."""
    with acting(operator, key) as act:
        if act.seen("add_staff", "ask_staff"):
            return ActionResult("Already done.", repeated=True)
        before = next((row for row in staff.list_staff(act.db) if row.email == email.strip().lower()), None)
        if before and before.email == operator.actor and role != operator.role:
            raise SecondPersonNeeded("You can't change your own role. Ask another administrator.")
        if gives_power(before, role):
            return ask_for_staff(act, staff.address_of(email, role), role=role, name=name)
        row = staff.add_staff(act.db, email, role=role, name=name, actor=operator.actor, at=act.at)
        act.record(
            "add_staff",
            subject=row.email,
            before={"role": before.role, "disabled_at": before.disabled_at} if before else {},
            after={"role": row.role},
        )
    return ActionResult(f"{row.email} can sign in as {row.role}.")


@needs("manage_staff")
def disable_staff(operator: Operator, email: str, *, key: str) -> ActionResult:
    """Deactivate a person, from their next click on. Raises NotAllowed, UnknownStaff, SecondPersonNeeded (oneself)."""
    if email.strip().lower() == operator.actor:
        raise SecondPersonNeeded("You can't deactivate yourself. Ask another administrator.")
    with acting(operator, key) as act:
        if act.seen("disable_staff"):
            return ActionResult("Already done.", repeated=True)
        row = staff.disable_staff(act.db, email, at=act.at)
        act.record(
            "disable_staff",
            subject=row.email,
            before={"role": row.role},
            after={"disabled_at": row.disabled_at},
        )
    return ActionResult(f"{row.email} is deactivated and no longer has access.")


@needs("manage_staff")
def set_limits(operator: Operator, new: staff.Limits, *, key: str) -> ActionResult:
    """Change what a role may grant and refund without approval. Raises NotAllowed, UnknownStaff."""
    with acting(operator, key) as act:
        if act.seen("set_limits", "ask_limits"):
            return ActionResult("Already done.", repeated=True)
        before = staff.limits(act.db).get(new.role)
        if raises_limits(before, new):
            return ask_for_limits(act, new)
        staff.set_limits(act.db, new)
        act.record("set_limits", subject=new.role, before=asdict(before) if before else {}, after=asdict(new))
    return ActionResult(f"Limits of {new.role} saved.")


@needs("manage_keys")
def create_key(
    operator: Operator,
    name: str,
    scopes: Sequence[str],
    *,
    requests_per_minute: int | None = None,
    grant_minutes_per_day: int = keys.GRANT_MINUTES_PER_DAY,
    workspace_id: str | None = None,
    expires_at: datetime | None = None,
    key: str,
) -> ActionResult:
    """Create an API key; `details["secret"]` shows its secret once. A key that writes waits for a second person.

    Raises NotAllowed, InvalidText, UnknownScope, InvalidLimit, UnknownWorkspace.
    """
    options: dict[str, Any] = {
        "requests_per_minute": requests_per_minute,
        "grant_minutes_per_day": grant_minutes_per_day,
        "workspace_id": workspace_id,
        "expires_at": expires_at,
    }
    with acting(operator, key) as act:
        if act.seen("create_key", "ask_api_key"):
            return ActionResult("This key was already created. Its secret was shown once.", repeated=True)
        waits = keys.is_powerful(scopes) and not works_alone(operator)
        made = keys.create_key(
            act.db,
            name=name,
            scopes=tuple(scopes),
            actor=operator.actor,
            at=act.at,
            approval_id=request_uuid(key) if waits else None,
            **options,
        )
        after = {"name": name, "scopes": list(scopes), **options}
        if not waits:
            act.record("create_key", subject=made.key_id, after=after)
            return ActionResult("Key created. Copy it now: it is shown once.", details={"secret": made.text})
        return _request_approval(act, made, after)


def _request_approval(act: Acting, made: keys.NewKey, after: dict[str, Any]) -> ActionResult:
    """Request the approval of a key that was made, and opens nothing yet."""
    body = {"key_id": made.key_id, **after}
    request = ask_for_approval(act, "api_key", body, f"Key {after['name']}", subject=made.key_id)
    sentence = f"{request.sentence} Copy the key now: it won't be shown again, and works once it is approved."
    return replace(request, sentence=sentence, details={"secret": made.text})


@needs("manage_keys")
def limit_key(operator: Operator, key_id: str, requests_per_minute: int | None, *, key: str) -> ActionResult:
    """Change how many requests a minute an API key may make. Raises NotAllowed, UnknownKey, InvalidLimit."""
    with acting(operator, key) as act:
        if act.seen("limit_key"):
            return ActionResult("Already done.", repeated=True)
        before = keys.set_request_limit(act.db, key_id, requests_per_minute)
        act.record(
            "limit_key",
            subject=key_id,
            before={"requests_per_minute": before.requests_per_minute},
            after={"requests_per_minute": requests_per_minute},
        )
    return ActionResult("Limit saved. It applies within seconds.")


@needs("manage_keys")
def revoke_key(operator: Operator, key_id: str, *, key: str) -> ActionResult:
    """Revoke an API key for good. Raises NotAllowed, UnknownKey."""
    with acting(operator, key) as act:
        if act.seen("revoke_key"):
            return ActionResult("Already done.", repeated=True)
        keys.revoke_key(act.db, key_id, actor=operator.actor, at=act.at)
        act.record("revoke_key", subject=key_id)
    return ActionResult("Key revoked. Requests that use it are refused from now on.")
