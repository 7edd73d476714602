"""Three logins of a database: its owner migrates, the application books, the reader reads. None can become another."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from ledger.errors import OwnerNeeded

if TYPE_CHECKING:
    from sqlalchemy import URL

ROLE = "ledger_app"
"""Rights of the application: it adds entries, audit lines and seals, and can neither change nor remove them."""
SCREENS = "ledger_screens"
"""Rights to read what screens show of numbers: no keys, no secrets, and nothing to write."""
READER = "ledger_reader"
"""Rights of other programs: the views of schema `facts`, and nothing else."""
SECRET_TABLES = (
    "alert_subscriptions",
    "api_keys",
    "portal_links",
    "sandbox_objects",
    "sandbox_requests",
    "sign_in_sessions",
    "webhook_endpoints",
)


@dataclass(frozen=True)
class Logins:
    """Names and new passwords of the two logins beside the owner."""

    application: tuple[str, str]
    reader: tuple[str, str]


def make_roles(raw: psycopg.Connection[Any]) -> bool:
    """Make the roles that hold the rights; False when this user may not (seen on the Health page)."""
    try:
        for role in (ROLE, SCREENS, READER):
            if not raw.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                raw.execute(f"CREATE ROLE {role} NOLOGIN")
        raw.execute(f"GRANT {ROLE}, {SCREENS}, {READER} TO CURRENT_USER")
        raw.execute(f"GRANT USAGE ON SCHEMA public TO {ROLE}, {SCREENS}")
    except psycopg.errors.DuplicateObject:
        return True  # another database of this server made it in the same moment
    except psycopg.errors.InsufficientPrivilege:
        return bool(raw.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone())
    return True


def make_logins(raw: psycopg.Connection[Any]) -> Logins:
    """Make `<database>_app` and `<database>_reader`, or give existing ones new passwords."""
    make_roles(raw)
    raw.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    return Logins(_login(raw, "app", ROLE), _login(raw, "reader", SCREENS))


def new_logins(owner: URL) -> list[str]:
    """Make the logins as the owner. Return the settings that use them, a line each."""
    url = owner.set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as raw:
        made = make_logins(raw)
    urls = {
        "DATABASE_URL": url.set(username=made.application[0], password=made.application[1]),
        "DATABASE_URL_READ": url.set(username=made.reader[0], password=made.reader[1]),
        "DATABASE_URL_OWNER": url,
    }
    return [f"{name}={each.render_as_string(hide_password=False)}" for name, each in urls.items()]


def _login(raw: psycopg.Connection[Any], suffix: str, role: str) -> tuple[str, str]:
    name, password = f"{raw.info.dbname}_{suffix}", secrets.token_urlsafe(24)
    known = raw.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone()
    form = "ALTER ROLE {} LOGIN PASSWORD {}" if known else "CREATE ROLE {} LOGIN PASSWORD {}"
    raw.execute(sql.SQL(form).format(sql.Identifier(name), sql.Literal(password)))
    raw.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(role), sql.Identifier(name)))
    return name, password


def grant_reading(raw: psycopg.Connection[Any]) -> None:
    """Let the reader read every table and view that the application reads, except those with secrets."""
    readable = raw.execute(
        "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace "
        "AND c.relkind IN ('r', 'p', 'v', 'm') AND c.relname <> ALL(%s) "
        "AND has_table_privilege(%s, c.oid, 'SELECT') AND NOT has_table_privilege(%s, c.oid, 'SELECT') ORDER BY 1",
        [list(SECRET_TABLES), ROLE, SCREENS],
    ).fetchall()
    for (table,) in readable:
        raw.execute(
            sql.SQL("GRANT SELECT ON {} TO {}").format(sql.Identifier(table), sql.Identifier(SCREENS))
        )


def may_migrate(raw: psycopg.Connection[Any]) -> bool:
    """Return whether this login may change the schema."""
    row = raw.execute("SELECT has_schema_privilege('public', 'CREATE')").fetchone()
    return bool(row and row[0])


def require_applied(raw: psycopg.Connection[Any], digest: str) -> None:
    """Raise OwnerNeeded unless the owner has applied exactly the files with this digest."""
    try:
        row = raw.execute("SELECT sha256 FROM schema_migrations WHERE version = 'comments'").fetchone()
    except (psycopg.errors.UndefinedTable, psycopg.errors.InsufficientPrivilege):
        row = None
    if row is None or row[0] != digest:
        raise OwnerNeeded
