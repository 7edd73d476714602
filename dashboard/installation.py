"""The one holder of what a process works with: the engine, the settings and the payment gateways.

`python -m dashboard` puts it in place at start; `uvicorn dashboard.api:app` makes it at the first request. Mounted
inside the dashboard the API's own lifespan does not run, so nothing here waits for one.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from dashboard.clock import present
from dashboard.server.threads import THREADS
from ledger import database
from ledger.clocks import CLOCK_TOLERANCE, ClocksDiffer, ClockWatch
from ledger.payments import WrongSource, has_saved_card, source_of
from ledger.postgres import release
from ledger.settings import Settings, load_settings
from ledger.stripe_gateway import Gateway
from ledger.webhooks import open_gateway

RETRYABLE = {"40001", "40P01"}
"""Serialization failure and deadlock: nothing was committed, and the same transaction can run again."""
ATTEMPTS = 4

T = TypeVar("T")


@dataclass(frozen=True)
class Installation:
    """Everything that outlives one request or one click."""

    engine: Engine
    settings: Settings
    gateways: dict[str, Gateway] = field(default_factory=dict)
    """By source; opened when first needed. Pages, API and worker of one process share them."""
    copy: Engine | None = None
    """A copy of the database that lags by seconds (`DATABASE_URL_READ`), for metrics and search."""

    def gateway(self, source: str | None = None) -> Gateway:
        """Return the gateway that serves workspaces of `source`; None: that of the installation's mode."""
        name = source or self.settings.mode
        if name not in self.gateways:
            with _lock:
                if name not in self.gateways:
                    self.gateways[name] = open_gateway(self.engine, self.settings, name, clock=present)
        return self.gateways[name]

    def close_gateways(self) -> None:
        """Close the connections of all gateways."""
        for gateway in self.gateways.values():
            gateway.close()

    def gateway_of(self, db: Connection, workspace_id: str) -> Gateway:
        """Return the gateway a workspace buys through. Raise UnknownWorkspace or WrongSource."""
        source = source_of(db, workspace_id)
        try:
            return self.gateway(source)
        except ValueError as error:
            raise WrongSource(str(error)) from None

    def may_top_up(self, workspace_id: str, *, enabled: bool) -> bool:
        """Return whether a card is there for auto top-up; True if Stripe does not say. Raise UnknownWorkspace.

        A top-up that is switched off needs none, so nothing is read at Stripe.
        """
        if not enabled:
            return True
        try:
            with database.reading(self.engine) as db:
                gateway = self.gateway_of(db, workspace_id)
        except WrongSource:
            return True
        return has_saved_card(self.engine, gateway, workspace_id)


_current: list[Installation] = []
_embedded_folders: list[Path] = []
"""The folder of the embedded server that this module started or joined."""
_lock = threading.Lock()
_clock_watch = ClockWatch()


def use_installation(installation: Installation | None) -> None:
    """Make this process work with `installation`; None: build it from the environment when first needed."""
    with _lock:
        _current[:] = [] if installation is None else [installation]


def use_if_none(make: Callable[[], Installation]) -> None:
    """Make this process work with the installation that `make` returns, unless it has one already."""
    with _lock:
        if not _current:
            _current.append(make())


def current() -> Installation:
    """Return the installation of this process; the first call without one opens the environment's database."""
    if not _current:
        with _lock:
            if not _current:
                chosen = load_settings()
                opened = database.connect(pool_size=THREADS)
                _embedded_folders[:] = [] if chosen.database_url else [chosen.data_dir]
                _current.append(Installation(opened, chosen, copy=open_copy(chosen)))
    return _current[0]


def open_copy(chosen: Settings) -> Engine | None:
    """Return the engine of the copy that screens read, None where there is none. Connects when first used."""
    return database.connect(chosen.database_url_read, pool_size=THREADS) if chosen.database_url_read else None


def engine() -> Engine:
    """Return the engine of this process."""
    return current().engine


def engine_at(at: datetime) -> Engine:
    """Return the engine, for what books at this time in transactions of its own. Raise ClocksDiffer as `writing`."""
    with reading() as db:
        _require_right_time(db, at)
    return engine()


def settings() -> Settings:
    """Return the settings of this process, read once; opens no database."""
    return _current[0].settings if _current else load_settings()


def close() -> None:
    """Close everything at the end of the process.

    Leaves the embedded server too: uvicorn lets the signal that stopped it kill the process, so exit handlers do not
    run, and the last process would leave the server behind.
    """
    for installation in _current:
        installation.close_gateways()
        installation.engine.dispose()
        if installation.copy is not None:
            installation.copy.dispose()
    while _embedded_folders:
        release(_embedded_folders.pop())


@contextmanager
def reading() -> Iterator[Connection]:
    """Open one consistent, read-only snapshot."""
    with database.reading(engine()) as db:
        yield db


@contextmanager
def reading_copy() -> Iterator[Connection]:
    """Open a snapshot of the copy of the database, or of the database itself where there is no copy.

    For metrics and search: their numbers say how old they are. What must show the last write uses `reading()`.
    """
    with database.reading(current().copy or engine()) as db:
        yield db


@contextmanager
def writing(at: datetime | None = None) -> Iterator[Connection]:
    """Open one transaction and commit it when the block succeeds. For actions, not for pages.

    Raise ClocksDiffer while this machine's clock is ahead: what is booked at its time would be months too early. So
    it is where `at`, the time that is booked, was read before the clock was set back.
    """
    with database.writing(engine()) as db:
        _require_right_time(db, at)
        yield db


def _require_right_time(db: Connection, at: datetime | None) -> None:
    here = present()
    _clock_watch.require_not_ahead(db, here)
    if at is not None and at > here + CLOCK_TOLERANCE:
        raise ClocksDiffer(
            f"{(at - here).total_seconds():+.0f} s against this machine, whose clock was set back"
        )


def write(work: Callable[[Connection], T], *, at: datetime | None = None) -> T:
    """Run `work` in one transaction, commit it and return its result; run it again after a conflict. As `writing`."""
    for left in reversed(range(ATTEMPTS)):
        try:
            with writing(at) as db:
                return work(db)
        except DBAPIError as error:
            if left == 0 or getattr(error.orig, "sqlstate", None) not in RETRYABLE:
                raise
    raise AssertionError("the last attempt returns or raises")
