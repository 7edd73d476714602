"""What `python -m dashboard` does before it serves: database, migrations, demo data, the worker."""

import importlib
import importlib.util
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Engine

from ledger import database as ledger_database
from ledger import search
from ledger import worker as ledger_worker
from ledger.inbox import Gateways
from ledger.settings import Settings

Say = Callable[[str], None]
Work = Callable[[threading.Event], None]


@contextmanager
def database(settings: Settings) -> Iterator[Engine]:
    """The engine of this process. An embedded server that we are the last to use stops with us."""
    engine = ledger_database.connect(settings.database_url)
    try:
        yield engine
    finally:
        engine.dispose()


def migrate(engine: Engine, say: Say) -> None:
    """Bring the database to this version, and say what that took."""
    for name in ledger_database.migrate(engine):
        say(f"Migrated: {name}")


def fill_when_empty(engine: Engine, settings: Settings, say: Say) -> None:
    """Give an empty database a demo company, so that there is something to look at. Never a live one."""
    with ledger_database.reading(engine) as db:
        empty = not search.sources(db)
    if settings.mode == "live" or not empty or importlib.util.find_spec("ledger.demo") is None:
        return
    demo = importlib.import_module("ledger.demo")
    say("The database is empty: making a demo company (leave it empty with --no-demo) ...")
    demo.build(engine)


def worker(engine: Engine, gateways: Gateways) -> Work:
    """What the worker thread runs until its event is set."""
    return lambda stop: ledger_worker.work(engine, gateways, stop)
