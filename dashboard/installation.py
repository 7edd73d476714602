"""What the interface works with: one engine and the settings, given at start or taken from the environment.

Mounted inside the dashboard the application's own lifespan does not run, so nothing here waits for one.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

import ledger
from dashboard.clock import present
from dashboard.server.threads import THREADS
from ledger import database
from ledger.payments.errors import WrongSource
from ledger.payments.purchases import source_of
from ledger.postgres.embedded import release
from ledger.settings import Settings, load_settings
from ledger.stripe_gateway import Gateway
from ledger.webhooks.inbox import open_gateway

AGAIN = {"40001", "40P01"}
"""Serialization failure and deadlock: nothing happened, and the same transaction may simply be run again."""
TRIES = 4

T = TypeVar("T")


@dataclass(frozen=True)
class State:
    """Everything a request may need that outlives it."""

    engine: Engine
    settings: Settings
    gateways: dict[str, Gateway] = field(default_factory=dict)
    """By source; made when first needed. One process with the screens shares theirs."""

    def gateway(self, source: str | None = None) -> Gateway:
        """Give the gateway that serves workspaces of `source`; None: that of the installation's mode."""
        name = source or self.settings.mode
        if name not in self.gateways:
            with _lock:
                if name not in self.gateways:
                    self.gateways[name] = open_gateway(self.engine, self.settings, name, clock=present)
        return self.gateways[name]

    def close_gateways(self) -> None:
        """Give back the connections of gateways."""
        for gateway in self.gateways.values():
            gateway.close()

    def gateway_of(self, db: Connection, workspace_id: str) -> Gateway:
        """Give the gateway a workspace buys through. Raises UnknownWorkspace, WrongSource."""
        source = source_of(db, workspace_id)
        try:
            return self.gateway(source)
        except ValueError as error:
            raise WrongSource(str(error)) from None


_given: list[State] = []
_joined: list[Path] = []
"""The folder of the embedded server, where it was ours to join it."""
_lock = threading.Lock()


def use_state(state: State | None) -> None:
    """Make every request of this process use `state`; None: take it from the environment again."""
    with _lock:
        _given[:] = [] if state is None else [state]


def state() -> State:
    """Give the state of this process; the first call without one opens the database of the environment."""
    if not _given:
        with _lock:
            if not _given:
                settings = load_settings()
                engine = database.connect(pool_size=THREADS)
                _joined[:] = [] if settings.database_url else [settings.data_dir]
                _given.append(State(engine, settings))
    return _given[0]


def close_state() -> None:
    """Close what requests opened, at the end of a process of its own.

    Leaves the embedded server too: uvicorn lets the signal that stopped it kill the process, so that nothing is
    done at its exit, and the last living process would not stop the server.
    """
    for known in _given:
        known.close_gateways()
        known.engine.dispose()
    while _joined:
        release(_joined.pop())


@contextmanager
def reading() -> Iterator[Connection]:
    """One consistent, read-only look at the ledger."""
    with ledger.reading(state().engine) as db:
        yield db


def write(work: Callable[[Connection], T]) -> T:
    """Run `work` in one transaction and commit it; run it again where PostgreSQL asks for that."""
    for left in reversed(range(TRIES)):
        try:
            with ledger.writing(state().engine) as db:
                return work(db)
        except DBAPIError as error:
            if left == 0 or getattr(error.orig, "sqlstate", None) not in AGAIN:
                raise
    raise AssertionError("the last try returns or raises")
