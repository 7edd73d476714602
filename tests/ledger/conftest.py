"""Fixtures of the ledger's tests: embedded servers of their own, and months that have closed."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine

import ledger
from ledger.metrics.closed_months import close_months
from ledger.metrics.rollups import refresh_rollups
from ledger.postgres.embedded import release, server_url
from tests import mini_ledger
from tests.databases import CHECKOUT, migrated_database
from tests.servers import USER, Join, server_process
from tests.shop import Shop, open_shop
from tests.subscriber import publish_plans


@pytest.fixture
def shop(engine: Engine, now: datetime) -> Iterator[Shop]:
    """Acme, and the sandbox in which it buys."""
    with open_shop(engine, now) as shop:
        yield shop


@pytest.fixture
def prices(shop: Shop) -> dict[tuple[str, str], str]:
    """A price at Stripe for each plan and cycle."""
    return publish_plans(shop)


@pytest.fixture(scope="session")
def stopped_cluster() -> Iterator[Path]:
    """The folder of an embedded server that was made once and has stopped."""
    with new_home() as home:
        server_url(home / "data", durable=False)
        release(home / "data")
        yield home / "data"


@pytest.fixture
def data_dir(empty_dir: Path, stopped_cluster: Path) -> Path:
    """A folder that holds a stopped server; making one takes longer than most tests of it."""
    subprocess.run(["cp", "-a", stopped_cluster, empty_dir], check=True)
    return empty_dir


@pytest.fixture
def empty_dir() -> Iterator[Path]:
    """A folder not made yet, with a blank and an umlaut; whatever server is left in it ends with the test."""
    with new_home() as home:
        data_dir = home / "dätä dir"
        yield data_dir
        release(data_dir)
        if process := server_process(data_dir):
            os.kill(process, signal.SIGKILL)


@contextmanager
def new_home() -> Iterator[Path]:
    """Yield a folder that goes with its content; pytest's own tmp_path is closed to the user who runs root's server."""
    home = Path(tempfile.mkdtemp(prefix="minutes-embedded-"))
    home.chmod(0o711)
    try:
        yield home
    finally:
        shutil.rmtree(home)


@pytest.fixture
def join() -> Iterator[Join]:
    """Start processes that use the server until their stdin is closed."""
    started: list[subprocess.Popen[str]] = []

    def start(data_dir: Path, script: str = USER, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", script, str(data_dir)],
            cwd=CHECKOUT,
            env=os.environ | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture(scope="session")
def closed_engine() -> Iterator[Engine]:
    """The ten workspaces as of the end of April; February and March have closed."""
    with migrated_database() as engine:
        with ledger.writing(engine) as db:
            mini_ledger.live_through(db)
            refresh_rollups(db, at=mini_ledger.AS_OF)
            close_months(db, at=mini_ledger.AS_OF)
        yield engine


@pytest.fixture
def closed(closed_engine: Engine) -> Iterator[Connection]:
    """One connection to them in one transaction, rolled back after the test."""
    with closed_engine.connect() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()
