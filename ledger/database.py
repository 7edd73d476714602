"""The one place that opens PostgreSQL: engine, `reading()`, `writing()`, `migrate()`, and queries by name."""

from __future__ import annotations

import hashlib
import re
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.types.array import ListBinaryDumper
from sqlalchemy import Connection, Engine, TextClause, create_engine, event, make_url, text
from sqlalchemy.pool import NullPool

from ledger.errors import InvalidText, MigrationChanged, error_for
from ledger.roles import ROLE, grant_reading, make_roles, may_migrate, require_applied
from ledger.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import URL
    from sqlalchemy.engine.interfaces import ExceptionContext

SQL = Path(__file__).parent / "sql"
KEEPALIVES = {
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
"""A database host that is gone is noticed within a minute, and so is a client that is gone: its locks are released."""
LIMITS = """
SET TIME ZONE 'UTC';
SET lock_timeout = '10s';
SET idle_in_transaction_session_timeout = '10min';
SELECT set_config('statement_timeout', '1h', false) WHERE current_setting('statement_timeout') = '0'
"""
"""No statement waits longer for a locked row or runs longer, and no forgotten transaction holds a row for longer."""
_PLAN_AT = re.compile(r"plan_at\((\w+\.workspace_id), (.+?), '(plan|billing_cycle)'\)")
_ATTRIBUTE_OF = re.compile(r"attribute_of\((\w+\.workspace_id), ([\w.:]+)\)")
_NAME = re.compile(r"^-- name: ", re.MULTILINE)
_GRANTS = "\n-- grants\n"
_DISK_FULL = "53100"
_LOCK = 7_205_759_403_792  # any number of our own: one migration at a time


def connect(
    url: str | None = None, *, pool_size: int = 10, pre_ping: bool = True, durable: bool = True
) -> Engine:
    """Engine for `url`, else for DATABASE_URL, else for the embedded server in DATA_DIR (started or joined).

    Connections run as the role `ledger_app` where `migrate` could create it: entries and draws are append-only for it.
    Own SQLSTATEs arrive as the classes of `ledger.errors`. `pre_ping`: test a pooled connection before each use.
    `durable=False`: a commit does not wait for the disk; a crash may lose the last second, which must be no loss.
    """
    engine = create_engine(
        _psycopg(url or _configured_url()),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=pre_ping,
        hide_parameters=True,  # an error that is logged repeats no names, addresses or secrets
        connect_args=KEEPALIVES,
    )
    event.listen(engine, "connect", _send_lists_in_binary)
    event.listen(engine, "connect", _become_application)
    if not durable:
        event.listen(engine, "connect", _do_not_wait_for_the_disk)
    event.listen(engine, "handle_error", _translate)
    return engine


def _configured_url() -> str:
    settings = load_settings()
    if settings.database_url:
        return settings.database_url
    from ledger.postgres.embedded import server_url  # noqa: PLC0415  only who needs the embedded server pays for it

    return server_url(settings.data_dir, login="app")


def owner_url(engine: Engine) -> URL:
    """Return the URL of the database's owner, who migrates, backs up and restores: no connection that serves has it.

    DATABASE_URL_OWNER, or the owner of the embedded server; else the login of `engine`.
    """
    url, given = engine.url, load_settings().database_url_owner
    if given:
        return make_url(given).set(database=url.database)
    from ledger.postgres.embedded import owner_of  # noqa: PLC0415  as above

    name, password = owner_of(url.port, str(url.username)) or (url.username, url.password)
    return url.set(username=name, password=password)


def _psycopg(url: str) -> str:
    return make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def _send_lists_in_binary(connection: psycopg.Connection[Any], _record: object) -> None:
    """As text, a batch of uses spends more on writing out its times than on anything else that this side does."""
    connection.adapters.register_dumper(list, ListBinaryDumper)


def _become_application(connection: psycopg.Connection[Any], _record: object) -> None:
    try:
        connection.execute(f"SET ROLE {ROLE}")
    except (
        psycopg.errors.UndefinedObject,
        psycopg.errors.InvalidParameterValue,
        psycopg.errors.InsufficientPrivilege,
    ):
        connection.rollback()
    connection.execute(LIMITS)
    connection.commit()


def _do_not_wait_for_the_disk(connection: psycopg.Connection[Any], _record: object) -> None:
    connection.execute("SET synchronous_commit = off")
    connection.commit()


def _translate(context: ExceptionContext) -> None:
    failure = context.original_exception
    # What cannot be stored is refused by the driver, before anything is sent: a lone surrogate, and NUL.
    if isinstance(failure, UnicodeEncodeError) or (
        isinstance(failure, psycopg.DataError) and "NUL (0x00)" in str(failure)
    ):
        raise InvalidText from failure
    if isinstance(failure, psycopg.Error) and (
        error := error_for(failure.sqlstate, failure.diag.message_detail or "")
    ):
        raise error from failure


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Open a connection whose reads are one snapshot (REPEATABLE READ) and cannot write."""
    with engine.connect() as connection:
        yield connection.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True, answers={}
        )


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Open a connection in one transaction: committed on success, rolled back on any error."""
    with engine.begin() as connection:
        yield connection


def disk_is_full(error: Exception) -> bool:
    """Whether a statement failed because the database's disk is full: nothing was written, and reading goes on."""
    return getattr(getattr(error, "orig", None), "sqlstate", None) == _DISK_FULL


@cache
def query(name: str) -> TextClause:
    """Return the statement under `-- name: <name>` in `sql/queries/`."""
    return text(inlined(scripts()[name]))


def call(db: Connection, function: str, arguments: Mapping[str, Any]) -> Any:
    """Return what a function of `sql/functions/` returns; it calls an argument `minutes` `p_minutes`."""
    return db.execute(_call_of(function, tuple(arguments)), arguments).scalar_one()


@cache
def _call_of(function: str, names: tuple[str, ...]) -> TextClause:
    return text(f"SELECT {function}({', '.join(f'p_{name} => :{name}' for name in names)})")


@cache
def scripts() -> dict[str, str]:
    """Return the text of every query by its name, without the closing semicolon. Raises ValueError on a second name."""
    by_name: dict[str, str] = {}
    for path in sorted((SQL / "queries").glob("*.sql")):
        for block in _NAME.split(path.read_text("utf-8"))[1:]:
            name, _, script = block.partition("\n")
            if name in by_name:
                raise ValueError(f"two queries are called {name}; the second is in {path.name}")
            by_name[name] = script.strip().removesuffix(";")
    return by_name


def inlined(script: str) -> str:
    """Return the script with `plan_at(...)` and `attribute_of(...)` written out: a call costs ten lookups."""
    plan, attribute = scripts()["plan_at_inline"], scripts()["attribute_of_inline"]
    script = _ATTRIBUTE_OF.sub(lambda call: attribute.format(workspace_id=call[1], key=call[2]), script)
    return _PLAN_AT.sub(
        lambda call: plan.format(workspace_id=call[1], at=f"({call[2]})", column=call[3]), script
    )


def migrations() -> list[Path]:
    """The numbered migrations, in order."""
    return sorted((SQL / "migrations").glob("*.sql"))


def migrate(engine: Engine, *, through: str | None = None) -> list[str]:
    """Bring the database to this version, as its owner, under a lock. Return the migrations that were applied now.

    `through`: stop after the migration of this number. Otherwise all functions are created again, whatever was applied.
    Raises MigrationChanged when an applied migration differs from its file, OwnerNeeded when there is something to
    apply and this login may not.
    """
    owner = create_engine(owner_url(engine), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        raw = connection.connection.driver_connection
        if raw is None:
            raise AssertionError("an open connection has a driver connection")
        raw.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        try:
            applied = _migrate_locked(raw, through)
        finally:
            raw.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
    owner.dispose()
    engine.dispose()
    return applied


def _migrate_locked(raw: psycopg.Connection[Any], through: str | None) -> list[str]:
    if not may_migrate(raw):
        require_applied(raw, _digest_of_files())
        return []
    raw.execute("SET client_min_messages = warning")
    raw.execute("SET lock_timeout = '4s'")
    raw.execute("SET check_function_bodies = off")
    role = make_roles(raw)
    raw.execute(
        "CREATE TABLE IF NOT EXISTS schema_migrations (version text PRIMARY KEY, name text NOT NULL, "
        "sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT clock_timestamp())"
    )
    known = dict(raw.execute("SELECT version, sha256 FROM schema_migrations").fetchall())
    applied = []
    for path in migrations():
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
            return applied
    with raw.transaction():
        for path in sorted((SQL / "functions").rglob("*.sql")):
            _run(raw, path.read_text(), role=role)
        _order_lots(raw)
        _comment(raw)
        if role:
            grant_reading(raw)
    return applied


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


def _digest_of_files() -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(SQL.rglob("*.sql")))).hexdigest()


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


def runs_as_application(db: Connection) -> bool:
    """Whether entries and draws are append-only for this connection."""
    return bool(db.execute(text("SELECT current_user = :role"), {"role": ROLE}).scalar_one())


def may_become_owner(db: Connection) -> bool:
    """Return whether the login of this connection has the owner's rights too: one URL serves for everything."""
    return bool(db.execute(query("may_become_owner")).scalar_one())
