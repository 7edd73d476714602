"""Staff: who may sign in to the dashboard, their roles, and what each role may give without approval."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from ledger.database import query
from ledger.desk import sessions
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
    """What a role may give without approval: minutes of grants and cents of refunds."""

    role: str
    minutes_per_grant: int
    minutes_per_day: int
    cents_per_refund: int
    cents_per_day: int


def by_identity(db: Connection, issuer: str, subject: str) -> Staff | None:
    """Return the active staff member with this identity at the sign-in provider, or None."""
    row = db.execute(query("staff_by_identity"), {"issuer": issuer, "subject": subject}).one_or_none()
    return Staff(*row) if row else None


def sign_in_first(db: Connection, email: str, issuer: str, subject: str) -> Staff | None:
    """Bind a verified e-mail address to the identity that first signs in with it; None when it is not invited."""
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
    """Return all staff; deactivated ones come last."""
    return [Staff(*row) for row in db.execute(query("staff_list"))]


def address_of(email: str, role: str) -> str:
    """Return the address as stored. Raise UnknownStaff when the address or the role is not valid."""
    if role not in ROLES:
        raise UnknownStaff(f"{role!r} is not a role: use one of {', '.join(ROLES)}")
    try:
        return require_email(email).lower()
    except InvalidEmail as error:
        raise UnknownStaff(str(error)) from error


def add_staff(db: Connection, email: str, *, role: str, actor: str, at: datetime, name: str = "") -> Staff:
    """Add a staff member under a role, or change their role, which ends their sessions.

    Raises UnknownStaff when the address or the role is not valid.
    """
    address = address_of(email, role)
    shown = name.strip()[:200] or address.split("@")[0]
    bind = {"email": address, "name": shown, "role": role, "at": at, "actor": actor}
    db.execute(query("sessions_end_at_role_change"), {"email": address, "role": role, "at": at})
    return Staff(*db.execute(query("staff_save"), bind).one())


def disable_staff(db: Connection, email: str, *, at: datetime) -> Staff:
    """Deactivate a staff member and end their sessions. Raises UnknownStaff."""
    row = db.execute(query("staff_disable"), {"email": email.strip(), "at": at}).one_or_none()
    if row is None:
        raise UnknownStaff(f"no active staff member has the address {email.strip()!r}")
    sessions.end_sessions_of(db, email, because="deactivated", at=at)
    return Staff(*row)


def limits(db: Connection) -> dict[str, Limits]:
    """Return what each role may give without approval, by role."""
    return {row.role: Limits(*row) for row in db.execute(query("staff_limits"))}


def set_limits(db: Connection, new: Limits) -> None:
    """Change what a role may give without approval. Raises UnknownStaff for an unknown role."""
    bind = dict(vars(new))
    if db.execute(query("staff_limits_save"), bind).one_or_none() is None:
        raise UnknownStaff(f"there is no role {new.role!r}")
