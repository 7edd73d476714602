"""The one place that opens PostgreSQL: engine, `reading()`, `writing()`, and queries by name."""

from __future__ import annotations

import re
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.types.array import ListBinaryDumper
from sqlalchemy import Connection, Engine, TextClause, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError

from ledger.errors import InvalidText, error_for
from ledger.roles import ROLE
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
_INLINED = {
    "plan_at_inline": re.compile(
        r"plan_at\((?P<workspace_id>\w+\.workspace_id), (?P<at>.+?), '(?P<column>plan|billing_cycle)'\)"
    ),
    "attribute_of_inline": re.compile(
        r"attribute_of\((?P<workspace_id>\w+\.workspace_id), (?P<key>[\w.:]+)\)"
    ),
    "has_attributes_inline": re.compile(r"has_attributes\((?P<workspace_id>\w+\.workspace_id)\)"),
    "returned_cents_inline": re.compile(
        r"returned_cents\((?P<workspace_id>\w+\.workspace_id), (?P<purchase_id>\w+\.purchase_id), (?P<as_of>:\w+)\)"
    ),
    "refund_without_tax_inline": re.compile(
        r"refund_without_tax\((?P<refund>\w+), (?P<revenue_cents>[\w.]+), (?P<charged_cents>[\w.]+)\)"
    ),
    "departure_inline": re.compile(
        r"departure\((?P<workspace_id>\w+\.workspace_id), (?P<since>[\w.:]+), (?P<as_of>:\w+)\)"
    ),
    "replayed_in_inline": re.compile(r"replayed_in\((?P<workspace_id>\w+\.workspace_id)\)"),
    "pays_in_inline": re.compile(r"pays_in\((?P<workspace_id>[\w.:]+), (?P<at>:\w+)\)"),
    "timed_epochs_inline": re.compile(r"timed_epochs\((?P<first>:\w+), (?P<last>:\w+), (?P<to>:\w+)\)"),
}
"""Names that statements use like functions, each written out as its template: a function that reads tables costs ten
lookups a row, and reaches no table that is spread over machines."""
_NAME = re.compile(r"^-- name: ", re.MULTILINE)
OUTAGES = {"08", "25", "53", "57"}
"""Classes of SQLSTATE that say something about the server and nothing about a statement."""
_DISK_FULL = "53100"


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
    """Return the URL of the database's owner, who migrates, backs up and restores; no serving connection uses it.

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


def is_outage(error: Exception) -> bool:
    """Whether the database cannot be reached, has no room or stops: no statement is to blame."""
    if not isinstance(error, DBAPIError):
        return False
    sqlstate = getattr(error.orig, "sqlstate", None)
    return error.connection_invalidated or sqlstate is None or sqlstate[:2] in OUTAGES


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
    """Return the script with every name of `_INLINED` written out."""
    for name, call in _INLINED.items():
        template = scripts()[name]
        script = call.sub(lambda place: template.format(**place.groupdict()), script)  # noqa: B023  called at once
    return script


def runs_as_application(db: Connection) -> bool:
    """Whether entries and draws are append-only for this connection."""
    return bool(db.execute(text("SELECT current_user = :role"), {"role": ROLE}).scalar_one())


def may_become_owner(db: Connection) -> bool:
    """Return whether the login of this connection has the owner's rights too: one URL serves for everything."""
    return bool(db.execute(query("may_become_owner")).scalar_one())
