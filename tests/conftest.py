"""Fixtures of every test: databases that nobody else touches, and a fixed time."""

import os
import signal
import socket
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy import Connection, Engine

from ledger.settings import settings_of_process
from tests import seconds
from tests.databases import data_dir, leave_server, migrated_database

OWN_SETTINGS = (
    "DATABASE_URL",
    "DATABASE_URL_OWNER",
    "DATABASE_URL_READ",
    "STRIPE_API_KEY",
    "STRIPE_WEBHOOK_SECRET",
    "REPORT_TIMEZONE",
    "REPORT_LOCALE",
    "PUBLIC_URL",
    "SMTP_URL",
    "MAIL_FROM",
    "STRIPE_RECEIPTS",
    "STRIPE_AUTOMATIC_TAX",
    "STRIPE_PROMOTION_CODES",
    "START_TOKEN",
    "LOG_FORMAT",
)

SECONDS_FOR_A_SLOW_TEST = 900  # what takes 20 s alone took more than 300 beside twenty busy processes

hypothesis_settings.register_profile(
    "minutes",
    deadline=None,  # a slow machine is no failure
    derandomize=True,  # whether a change is good does not depend on the dice
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
hypothesis_settings.load_profile("minutes")


def pytest_configure() -> None:
    """Keep the settings of whoever runs the tests out of them."""
    for name in OWN_SETTINGS:
        os.environ.pop(name, None)
    os.environ["DATA_DIR"] = str(data_dir())
    # A shell ignores SIGINT for what it starts in the background, and our children would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _stay_on_this_machine()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give slow tests more time, leave long ones out when FAST is set, and start with the slowest file."""
    for item in items:
        if item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.timeout(SECONDS_FOR_A_SLOW_TEST))
    if os.environ.get("FAST"):
        left_out = set(seconds.left_out_when_fast(items))
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]
    seconds.slowest_first(items)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count where the time goes."""
    seconds.count(report)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show where the time went."""
    if len(seconds.taken) > 1:
        seconds.show(terminalreporter.write_line)


def _stay_on_this_machine() -> None:
    """Refuse Python's connections to other machines: no test needs an account or the internet."""
    connect = socket.socket.connect

    def connect_here(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and not str(address[0]).startswith(("127.", "::1", "localhost")):
            raise ConnectionRefusedError(f"a test tried to reach {address}")
        connect(self, address)

    socket.socket.connect = connect_here  # type: ignore[method-assign]


def pytest_unconfigure() -> None:
    """Stop the test server if this is its last process (xdist's workers end without atexit)."""
    leave_server()


@pytest.fixture(scope="session", autouse=True)
def packages_are_searched_once() -> None:
    """Let Streamlit search the installed packages for components once, where pages are tested."""
    if "streamlit.testing.v1" in sys.modules:
        import_module("tests.component_search")


@pytest.fixture(autouse=True)
def settings_are_read_anew() -> Iterator[None]:
    """Each test is a process that has just started: it reads the settings once, when it first needs them."""
    settings_of_process.cache_clear()
    yield
    settings_of_process.cache_clear()


@pytest.fixture
def engine() -> Iterator[Engine]:
    """An engine on a migrated database of this test's own; its connections run as the application's role."""
    with migrated_database() as engine:
        yield engine


@pytest.fixture(scope="session")
def shared_engine() -> Iterator[Engine]:
    """An engine on the one database that the `db` tests of this process share."""
    with migrated_database() as engine:
        yield engine


@pytest.fixture
def db(shared_engine: Engine) -> Iterator[Connection]:
    """One connection in one transaction, rolled back after the test."""
    with shared_engine.connect() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()


@pytest.fixture
def now() -> datetime:
    """A fixed time."""
    return datetime(2026, 3, 1, tzinfo=UTC)
