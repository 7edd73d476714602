"""The database that benchmarks run on: a durable embedded server of their own, a new database for each run."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.pool import NullPool

import ledger
from ledger.postgres.embedded import release, server_url

FOLDER = Path(".data/bench")
AT = datetime(2026, 1, 1, tzinfo=UTC)
_open: list[str] = []


@contextmanager
def bench_database(copy_of: Engine | None = None) -> Iterator[Engine]:
    """A new migrated database, or a copy of one whose engine is closed for it; dropped afterwards."""
    name = f"bench_{uuid4().hex[:12]}"
    url = make_url(server_url(FOLDER))
    admin = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    template = ""
    if copy_of is not None:
        copy_of.dispose()
        template = f" TEMPLATE {copy_of.url.database}"
    with admin.connect() as db:
        db.execute(text(f"CREATE DATABASE {name}{template}"))
    _open.append(name)
    engine = ledger.connect(url.set(database=name).render_as_string(hide_password=False))
    try:
        ledger.migrate(engine)
        yield engine
    finally:
        engine.dispose()
        with admin.connect() as db:
            # Without FORCE, which may not end the autovacuum that looks at it; this sends it away.
            db.execute(text(f"DROP DATABASE {name}"))
        _open.remove(name)
        if not _open:
            release(FOLDER)


def make_workspaces(engine: Engine, number: int, *, minutes: int = 1_000_000) -> list[str]:
    """Make workspaces `b0`, `b1` ... that hold `minutes` each."""
    names = [f"b{each}" for each in range(number)]
    with ledger.writing(engine) as db:
        for name in names:
            ledger.create_workspace(
                db, name, name="Bench", owner_email="bench@example.com", actor="bench", at=AT
            )
            ledger.grant_minutes(db, name, minutes, reason="bench", key="g", actor="bench", at=AT)
    return names


def settle(engine: Engine) -> None:
    """Vacuum now, so that autovacuum does not start in the middle of a measurement."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.exec_driver_sql("RESET ROLE")
        db.exec_driver_sql("VACUUM ANALYZE")
        db.exec_driver_sql("SET ROLE ledger_app")
