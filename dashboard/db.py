"""How pages reach the database: one engine per process, a reading and a writing transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from sqlalchemy import Connection, Engine

from ledger import database

_given: list[Engine] = []


def use_engine(engine: Engine) -> None:
    """Make every page of this process use `engine`; called once at start (and by tests)."""
    _given[:] = [engine]
    _from_environment.cache_clear()


@cache
def _from_environment() -> Engine:
    return database.connect()


def engine() -> Engine:
    """The engine of this process: the one given at start, else the one of the environment."""
    return _given[0] if _given else _from_environment()


@contextmanager
def reading() -> Iterator[Connection]:
    """One consistent, read-only look at the database."""
    with database.reading(engine()) as db:
        yield db


@contextmanager
def writing() -> Iterator[Connection]:
    """One transaction that is kept only when everything in it succeeded. For `actions.py`, not for pages."""
    with database.writing(engine()) as db:
        yield db
