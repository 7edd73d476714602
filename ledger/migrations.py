"""Brings a database to this version: migrations once and in order, then all functions and comments."""

from __future__ import annotations

import hashlib
from time import sleep
from typing import TYPE_CHECKING, Any

from psycopg.errors import LockNotAvailable
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool

from ledger.database import SQL, owner_url
from ledger.errors import MigrationChanged, TableInUse
from ledger.roles import grant_reading, make_roles, may_migrate, require_applied

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg

_APPLIED = ("migrations", "functions", "comments")
_GRANTS = "\n-- grants\n"
_LOCK = 7_205_759_403_792  # any number of our own: one migration at a time
_PAUSES_SECONDS = (1, 2, 4, 0)
"""Pauses after attempts that found a locked table, so that others can proceed; none after the last attempt."""


def list_migrations() -> list[Path]:
    """Return the numbered migrations, in order."""
    return sorted((SQL / "migrations").glob("*.sql"))


def migrate(engine: Engine, *, through: str | None = None) -> list[str]:
    """Bring the database to this version, as its owner, under a lock. Return the migrations that were applied now.

    `through`: stop after the migration of this number. Otherwise all functions are created again, whatever was applied.
    Raises MigrationChanged when an applied migration differs from its file, OwnerNeeded when there is something to
    apply and this login may not, TableInUse when a table stays locked.
    """
    owner = create_engine(owner_url(engine), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        raw = connection.connection.driver_connection
        if raw is None:
            raise AssertionError("an open connection has a driver connection")
        raw.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        try:
            applied = _between_the_traffic(raw, through)
        finally:
            raw.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
    owner.dispose()
    engine.dispose()
    return applied


def _between_the_traffic(raw: psycopg.Connection[Any], through: str | None) -> list[str]:
    """Migrate, and retry a table in use after short pauses, so that nobody waits long behind the migration."""
    applied: list[str] = []
    for pause in _PAUSES_SECONDS:
        try:
            _migrate_locked(raw, through, applied)
        except LockNotAvailable:
            sleep(pause)
        else:
            return applied
    raise TableInUse


def _migrate_locked(raw: psycopg.Connection[Any], through: str | None, applied: list[str]) -> None:
    if not may_migrate(raw):
        require_applied(raw, _digest_of_files())
        return
    raw.execute("SET client_min_messages = warning")
    raw.execute("SET lock_timeout = '4s'")
    raw.execute("SET check_function_bodies = off")
    role = make_roles(raw)
    raw.execute(
        "CREATE TABLE IF NOT EXISTS schema_migrations (version text PRIMARY KEY, name text NOT NULL, "
        "sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT clock_timestamp())"
    )
    known = dict(raw.execute("SELECT version, sha256 FROM schema_migrations").fetchall())
    for path in list_migrations():
        version = path.name.split("_")[0]
        script = path.read_text()
        digest = hashlib.sha256(script.encode()).hexdigest()
        if known.get(version, digest) != digest:
            raise MigrationChanged(path.name)
        if version not in known:
            with raw.transaction():
                _run(raw, script, role=role)
                raw.execute(
                    "INSERT INTO schema_migrations (version, name, sha256) VALUES (%s, %s, %s)",
                    [version, path.stem, digest],
                )
            applied.append(path.stem)
        if version == through:
            return
    with raw.transaction():
        for path in sorted((SQL / "functions").rglob("*.sql")):
            _run(raw, path.read_text(), role=role)
        _order_lots(raw)
        _comment(raw)
        if role:
            grant_reading(raw)


def _order_lots(raw: psycopg.Connection[Any]) -> None:
    """Order the lots again if the order of use has changed since the last migration, and note when that was."""
    row = raw.execute("SELECT pg_get_functiondef('burn_order'::regproc)").fetchone()
    digest = hashlib.sha256(str(row).encode()).hexdigest()
    if _noted(raw, "burn_order", digest) not in {None, digest}:
        raw.execute("SELECT order_lots()")


def _comment(raw: psycopg.Connection[Any]) -> None:
    """Describe every table, column and function again if any SQL file has changed since the last migration."""
    digest = _digest_of_files()
    if _noted(raw, "comments", digest) != digest:
        for path in sorted((SQL / "comments").glob("*.sql")):
            raw.execute(path.read_text().encode())


def applied_files() -> list[Path]:
    """Return the files that a migration applies; queries and metrics are sent by the application as they are."""
    return sorted(path for folder in _APPLIED for path in (SQL / folder).rglob("*.sql"))


def _digest_of_files() -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in applied_files())).hexdigest()


def _noted(raw: psycopg.Connection[Any], what: str, digest: str) -> str | None:
    """Note the digest of what this migration applied. Return the one before; None at the first migration."""
    row = raw.execute("SELECT sha256 FROM schema_migrations WHERE version = %s", [what]).fetchone()
    raw.execute(
        "INSERT INTO schema_migrations (version, name, sha256) VALUES (%s, 'first', %s) "
        "ON CONFLICT (version) DO UPDATE SET name = 'changed', sha256 = excluded.sha256, "
        "applied_at = clock_timestamp() WHERE schema_migrations.sha256 <> excluded.sha256",
        [what, digest],
    )
    return row[0] if row else None


def _run(raw: psycopg.Connection[Any], script: str, *, role: bool) -> None:
    statements, _, grants = script.partition(_GRANTS)
    raw.execute(statements.encode())
    if grants and role:
        raw.execute(grants.encode())
