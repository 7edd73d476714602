"""Staff, their limits, and the API keys of programs."""

from collections.abc import Sequence
from dataclasses import asdict

from dashboard.access import Operator
from dashboard.actions.acting import Done, acting, needs
from dashboard.actions.power import ask_for_limits, ask_for_staff, gives_power, raises_limits
from ledger.desk import keys, staff
from ledger.errors import SecondPersonNeeded


@needs("manage_staff")
def add_staff(operator: Operator, email: str, *, role: str, name: str = "", key: str) -> Done:
    """Let a person in under a role, or change the role of one who is in. Raises NotAllowed, UnknownStaff."""
    with acting(operator, key) as act:
        if act.seen("add_staff", "ask_staff"):
            return Done("Done already.", repeated=True)
        before = next((row for row in staff.list_staff(act.db) if row.email == email.strip().lower()), None)
        if before and before.email == operator.actor and role != operator.role:
            raise SecondPersonNeeded("Your own role is changed by somebody else.")
        if gives_power(before, role):
            return ask_for_staff(act, staff.address_of(email, role), role=role, name=name)
        row = staff.add_staff(act.db, email, role=role, name=name, actor=operator.actor, at=act.at)
        act.record(
            "add_staff",
            subject=row.email,
            before={"role": before.role, "disabled_at": before.disabled_at} if before else {},
            after={"role": row.role},
        )
    return Done(f"{row.email} may sign in as {row.role}.")


@needs("manage_staff")
def disable_staff(operator: Operator, email: str, *, key: str) -> Done:
    """Shut a person out from their next click on. Raises NotAllowed, UnknownStaff, SecondPersonNeeded (oneself)."""
    if email.strip().lower() == operator.actor:
        raise SecondPersonNeeded("You cannot shut yourself out.")
    with acting(operator, key) as act:
        if act.seen("disable_staff"):
            return Done("Done already.", repeated=True)
        row = staff.disable_staff(act.db, email, at=act.at)
        act.record(
            "disable_staff",
            subject=row.email,
            before={"role": row.role},
            after={"disabled_at": row.disabled_at},
        )
    return Done(f"{row.email} is shut out.")


@needs("manage_staff")
def set_limits(operator: Operator, new: staff.Limits, *, key: str) -> Done:
    """Change what a role may give away alone. Raises NotAllowed, UnknownStaff."""
    with acting(operator, key) as act:
        if act.seen("set_limits", "ask_limits"):
            return Done("Done already.", repeated=True)
        before = staff.limits(act.db).get(new.role)
        if raises_limits(before, new):
            return ask_for_limits(act, new)
        staff.set_limits(act.db, new)
        act.record("set_limits", subject=new.role, before=asdict(before) if before else {}, after=asdict(new))
    return Done(f"Limits of {new.role} changed.")


@needs("manage_keys")
def create_key(
    operator: Operator, name: str, scopes: Sequence[str], *, requests_per_minute: int | None, key: str
) -> Done:
    """Make an API key; its secret is in `details["secret"]`, this once.

    Raises NotAllowed, InvalidText, UnknownScope.
    """
    with acting(operator, key) as act:
        if act.seen("create_key"):
            return Done("This key was made already; its secret is shown once only.", repeated=True)
        made = keys.create_key(
            act.db,
            name=name,
            scopes=tuple(scopes),
            actor=operator.actor,
            at=act.at,
            requests_per_minute=requests_per_minute,
        )
        after = {"name": name, "scopes": list(scopes), "requests_per_minute": requests_per_minute}
        act.record("create_key", subject=made.key_id, after=after)
    return Done("Key made. Copy it now: it is not shown again.", details={"secret": made.text})


@needs("manage_keys")
def revoke_key(operator: Operator, key_id: str, *, key: str) -> Done:
    """Make an API key worthless, for good. Raises NotAllowed, UnknownKey."""
    with acting(operator, key) as act:
        if act.seen("revoke_key"):
            return Done("Done already.", repeated=True)
        keys.revoke_key(act.db, key_id, actor=operator.actor, at=act.at)
        act.record("revoke_key", subject=key_id)
    return Done("Key revoked: programs that use it are refused from now on.")
