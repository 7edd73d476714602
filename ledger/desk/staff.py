"""Staff: who may sign in to the dashboard, under which role, and what each role may give away alone."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from ledger.database import query
from ledger.errors import InvalidEmail, UnknownStaff
from ledger.validation import require_email

ROLES = ("viewer", "support", "pricing", "admin")


@dataclass(frozen=True)
class Staff:
    """One member of staff. `issuer` and `subject` are null until their first sign-in."""

    email: str
    name: str
    role: str
    issuer: str | None
    subject: str | None
    added_at: datetime
    added_by: str
    disabled_at: datetime | None


@dataclass(frozen=True)
class Limits:
    """What a role may give away without a second person: minutes of grants and cents of refunds."""

    role: str
    minutes_per_grant: int
    minutes_per_day: int
    cents_per_refund: int
    cents_per_day: int


def by_identity(db: Connection, issuer: str, subject: str) -> Staff | None:
    """The enabled member of staff with this identity of the sign-in provider, or None."""
    row = db.execute(query("staff_by_identity"), {"issuer": issuer, "subject": subject}).one_or_none()
    return Staff(*row) if row else None


def sign_in_first(db: Connection, email: str, issuer: str, subject: str) -> Staff | None:
    """Bind a verified e-mail address to the identity that first signs in with it; None when nobody waits."""
    try:
        require_email(email)
    except InvalidEmail:
        return None
    if not (issuer and subject):
        return None
    bind = {"email": email, "issuer": issuer, "subject": subject}
    row = db.execute(query("staff_sign_in_first"), bind).one_or_none()
    return Staff(*row) if row else None


def list_staff(db: Connection) -> list[Staff]:
    """All staff, the disabled ones last."""
    return [Staff(*row) for row in db.execute(query("staff_list"))]


def address_of(email: str, role: str) -> str:
    """Return the address as it is stored. Raise UnknownStaff when it or the role is not one."""
    if role not in ROLES:
        raise UnknownStaff(f"{role!r} is not a role: use one of {', '.join(ROLES)}")
    try:
        return require_email(email).lower()
    except InvalidEmail as error:
        raise UnknownStaff(str(error)) from error


def add_staff(db: Connection, email: str, *, role: str, actor: str, at: datetime, name: str = "") -> Staff:
    """Let a person in under a role, or change the role of one who is in.

    Raises UnknownStaff when the address or the role is not one.
    """
    address = address_of(email, role)
    shown = name.strip()[:200] or address.split("@")[0]
    bind = {"email": address, "name": shown, "role": role, "at": at, "actor": actor}
    return Staff(*db.execute(query("staff_save"), bind).one())


def disable_staff(db: Connection, email: str, *, at: datetime) -> Staff:
    """Shut a person out from their next click on. Raises UnknownStaff when there is no such person."""
    row = db.execute(query("staff_disable"), {"email": email.strip(), "at": at}).one_or_none()
    if row is None:
        raise UnknownStaff(f"no active staff member has the address {email.strip()!r}")
    return Staff(*row)


def limits(db: Connection) -> dict[str, Limits]:
    """What each role may give away alone, by role."""
    return {row.role: Limits(*row) for row in db.execute(query("staff_limits"))}


def set_limits(db: Connection, new: Limits) -> None:
    """Change what a role may give away alone. Raises UnknownStaff for an unknown role."""
    bind = dict(vars(new))
    if db.execute(query("staff_limits_save"), bind).one_or_none() is None:
        raise UnknownStaff(f"there is no role {new.role!r}")
