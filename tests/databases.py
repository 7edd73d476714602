"""Databases for tests: cloned from one template per content of `ledger/sql`, on one server per checkout.

The server is the embedded one in `.data/test`, without fsync, shared by all test processes; or, with
TEST_DATABASE_URL, any server on which that user may create databases and roles.
"""

import hashlib
import os
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import ProgrammingError

from ledger.database import connect
from ledger.migrations import applied_files, migrate
from ledger.postgres.embedded import release, server_url
from ledger.postgres.programs import ClosedFolderError
from tests.database_pool import Origin, emptied, origin_of, sign_in_quickly

CHECKOUT = Path(__file__).parents[1]
ELSEWHERE = Path(tempfile.gettempdir()) / f"minutes-test-{hashlib.sha256(bytes(CHECKOUT)).hexdigest()[:12]}"
TEMPLATE = "minutes_template_"
TEMPLATES_STORED = 8  # other runs may still be using the files of a minute ago
LOCK_TIMEOUT = "60s"  # two connections of one test that wait for each other would wait for ever
STATEMENT_TIMEOUT = "150s"  # a statement that never ends is an error that names it
TEMPLATE_LOCK = 7_205_759_403_793  # any number of our own
HERE = hashlib.sha256(socket.gethostname().encode()).hexdigest()[:8]

_unused: list[str] = []
_unclean: list[str] = []  # dropped with this process


@contextmanager
def as_owner(db: Connection) -> Iterator[None]:
    """Within it `db` may change what the application may not: something behind the ledger's back."""
    role = db.execute(text("SELECT current_user")).scalar_one()
    db.execute(text("RESET ROLE"))
    yield
    db.execute(text(f'SET ROLE "{role}"'))


def data_dir() -> Path:
    """Where the test server keeps its data; elsewhere only if root's server may not reach the checkout."""
    return ELSEWHERE if ELSEWHERE.exists() else CHECKOUT / ".data" / "test"


@cache
def admin_url() -> str:
    """URL of a user who may create databases, on the server that these tests use."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        return make_url(given).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    try:
        return server_url(data_dir(), durable=False)
    except ClosedFolderError:
        ELSEWHERE.mkdir(mode=0o711, exist_ok=True)
        return server_url(ELSEWHERE, durable=False)


def leave_server() -> None:
    """Drop this process's databases and let go of the test server; the last test process stops it."""
    _unused.extend(_unclean)
    if _unused:
        drop_unused()
    if _administration.cache_info().currsize:
        _administration().dispose()
    release(data_dir())


@contextmanager
def administration() -> Iterator[Connection]:
    """Yield the one connection of this process that can create and drop databases."""
    with _administration().connect() as admin:
        yield admin


@cache
def _administration() -> Engine:
    return create_engine(admin_url(), pool_size=1, pool_pre_ping=True, isolation_level="AUTOCOMMIT")


def url_of(database: str) -> str:
    """Return the URL of a database on the test server, where endless waiting ends in an error."""
    # A tab: in an address a space becomes a plus, which PostgreSQL's own programs read as one.
    limits = f"-clock_timeout={LOCK_TIMEOUT}\t-cstatement_timeout={STATEMENT_TIMEOUT}"
    url = make_url(admin_url()).set(database=database)
    return url.update_query_dict({"options": limits}).render_as_string(hide_password=False)


@contextmanager
def migrated_database() -> Iterator[Engine]:
    """Yield the engine of a migrated database that nobody else uses; it is emptied afterwards and used again."""
    name = _unused_database()
    engine = connect(url_of(name))
    try:
        yield engine
    finally:
        engine.dispose()
        if emptied(url_of(name), _origin()):
            _unused.append(name)
        else:
            with administration() as admin:
                _drop_database(admin, name)


@contextmanager
def database_like(make: Callable[[Engine], None]) -> Iterator[Engine]:
    """Yield the engine of a database as `make` left one: it is made once in a process, and cloned for each test."""
    with empty_database(f"TEMPLATE {_made(make)}") as url:
        engine = connect(url)
        try:
            yield engine
        finally:
            engine.dispose()


@cache
def _made(make: Callable[[Engine], None]) -> str:
    """Return the name of the database that `make` has filled; nobody else connects to it."""
    name = _unused_database()
    engine = connect(url_of(name))
    make(engine)
    engine.dispose()
    _unclean.append(name)
    return name


def _unused_database() -> str:
    """Return the new name of an unused database: one of the pool, or a clone of the template."""
    name = _new_name()
    with administration() as admin:
        if _unused:
            admin.execute(text(f"ALTER DATABASE {_unused.pop()} RENAME TO {name}"))
        else:
            admin.execute(text(f"CREATE DATABASE {name} TEMPLATE {_template()}"))
    return name


@cache
def _origin() -> Origin:
    """Return what a database holds before its first test, read from one of its own."""
    with empty_database(f"TEMPLATE {_template()}") as url:
        return origin_of(url)


def drop_unused() -> None:
    """Drop the databases of the pool."""
    with administration() as admin:
        while _unused:
            _drop_database(admin, _unused.pop())


def _new_name() -> str:
    return f"minutes_test_{HERE}_{os.getpid()}_{uuid4().hex[:12]}"


@contextmanager
def empty_database(template: str = "") -> Iterator[str]:
    """Yield the URL of a new database without any migration, which is dropped afterwards."""
    name = _new_name()
    with administration() as admin:
        admin.execute(text(f"CREATE DATABASE {name} {template}"))
    try:
        yield url_of(name)
    finally:
        with administration() as admin:
            _drop_database(admin, name)


def _drop_database(admin: Connection, name: str) -> None:
    """Drop a database; autovacuum, which may be looking at it and belongs to somebody else, is waited for."""
    for _ in range(100):
        try:
            admin.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        except ProgrammingError as error:
            if getattr(error.orig, "sqlstate", None) != "42501":
                raise
            time.sleep(0.1)
        else:
            return


@cache
def _template() -> str:
    """Name the template of the present SQL files; make it once, however many processes ask."""
    with administration() as admin, _alone(admin):
        _drop_what_dead_runs_left(admin)
        name = TEMPLATE + _digest_of_sql()
        if name not in _databases(admin, TEMPLATE):
            sign_in_quickly(admin_url())
            unfinished = f"minutes_unfinished_{uuid4().hex[:12]}"
            admin.execute(text(f"CREATE DATABASE {unfinished}"))
            try:
                migrate(connect(url_of(unfinished)))
                admin.execute(text(f"ALTER DATABASE {unfinished} RENAME TO {name}"))
                admin.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))  # autovacuum included
            finally:
                admin.execute(text(f"DROP DATABASE IF EXISTS {unfinished} WITH (FORCE)"))
        for old in _databases(admin, TEMPLATE)[:-TEMPLATES_STORED]:
            admin.execute(text(f"DROP DATABASE IF EXISTS {old}"))
    return name


@contextmanager
def _alone(admin: Connection) -> Iterator[None]:
    """Let one process at a time make or drop templates. The connection lives on, so the lock is given back here."""
    lock = {"lock": TEMPLATE_LOCK}
    admin.execute(text("SELECT pg_advisory_lock(:lock)"), lock)
    try:
        yield
    finally:
        admin.execute(text("SELECT pg_advisory_unlock(:lock)"), lock)


def _digest_of_sql() -> str:
    digest = hashlib.sha256()
    for path in applied_files():
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def _databases(admin: Connection, prefix: str) -> list[str]:
    """List databases by age, oldest first."""
    named = text("SELECT datname FROM pg_database WHERE starts_with(datname, :prefix) ORDER BY oid")
    return list(admin.scalars(named, {"prefix": prefix}))


def _drop_what_dead_runs_left(admin: Connection) -> None:
    for name in _databases(admin, f"minutes_test_{HERE}_"):
        try:
            os.kill(int(name.split("_")[3]), 0)
        except ProcessLookupError:
            admin.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        except PermissionError:
            continue  # alive, another user's
