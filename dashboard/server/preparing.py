"""What `python -m dashboard` does before it serves: database, migrations, demo data, the worker."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Engine

from ledger import database as ledger_database
from ledger import demo
from ledger import migrations as ledger_migrations
from ledger import worker as ledger_worker
from ledger.desk import search
from ledger.metrics import refresh_rollups
from ledger.settings import Settings
from ledger.webhooks import Gateways

Say = Callable[[str], None]
Work = Callable[[threading.Event], None]


@contextmanager
def database(settings: Settings) -> Iterator[Engine]:
    """Yield the engine of this process. An embedded server that we are the last to use stops with us."""
    engine = ledger_database.connect(settings.database_url)
    try:
        yield engine
    finally:
        engine.dispose()


def migrate(engine: Engine, say: Say) -> None:
    """Bring the database to this version, and say what that took."""
    for name in ledger_migrations.migrate(engine):
        say(f"Migrated: {name}")


def fill_when_empty(engine: Engine, settings: Settings, say: Say, *, at: datetime) -> None:
    """Create the demo company in an empty database, or finish one that was interrupted.

    Its history ends with the day before `at`. A live installation is never filled.
    """
    with ledger_database.reading(engine) as db:
        begun, empty = demo.present_demo(db), not search.sources(db)
    if settings.mode == "live" or (begun.finished if begun else not empty):
        return
    say("The database is empty: making a demo company (leave it empty with --no-demo) ...")
    wanted = begun.arguments() if begun else {"until": at.date()}
    wanted.pop("story", None)
    demo.build(engine, **wanted)
    say("Summing up for the screens ...")
    with ledger_database.writing(engine) as db:
        refresh_rollups(db, at=at, timezone=settings.report_timezone)


def holds_only_demo(engine: Engine) -> bool:
    """Return whether nobody's data are here but those of the demo company, and what was simulated on them."""
    with ledger_database.reading(engine) as db:
        sources = search.sources(db)
    return "demo" in sources and sources <= {"demo", "sandbox"}


def worker(engine: Engine, settings: Settings, gateways: Gateways) -> Work:
    """Return what the worker thread runs until its event is set."""
    return lambda stop: ledger_worker.work_supervised(engine, settings, gateways, stop)
