"""The commands of operators, in this process or as processes of their own."""

import hashlib
import io
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ledger.__main__ import main
from ledger.settings import settings_of_process
from tests.databases import CHECKOUT, data_dir

PATIENCE_SECONDS = 240
"""How long a process may take to start or to end: a busy machine is no failure, and a test is failed after 300."""

HEARS_HANGUPS = (
    sys.executable,
    "-c",
    "import os, signal, sys; signal.signal(signal.SIGHUP, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])",
)
"""A command that runs what it is given as a terminal does: tests under nohup would hand on that SIGHUP is ignored."""


def environment(database_url: str = "", **more: str) -> dict[str, str]:
    """Return the settings of a command; nothing of ours."""
    folder = _folder_of_test() if database_url else data_dir()
    return {**os.environ, "DATABASE_URL": database_url, "DATA_DIR": str(folder), **more}


def _folder_of_test() -> Path:
    """Return a folder for this test alone: the signed roots of another test's database would not match its own."""
    test = os.environ.get("PYTEST_CURRENT_TEST", "").partition(" ")[0]
    name = hashlib.sha256(f"{os.getpid()} {test}".encode()).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"minutes-command-{name}"
    folder.mkdir(exist_ok=True)
    return folder


def url_of_engine(engine: Engine) -> str:
    """The database of a test, for another process."""
    return engine.url.render_as_string(hide_password=False)


def run(*words: str, database_url: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end in this process, which has imported everything already."""
    output, errors = io.StringIO(), io.StringIO()
    with _new_process(environment(database_url, **more)), redirect_stdout(output), redirect_stderr(errors):
        status = _status_of(words)
    return subprocess.CompletedProcess(words, status, output.getvalue(), errors.getvalue())


def _status_of(words: tuple[str, ...]) -> int:
    try:
        return main(words)
    except SystemExit as ended:  # argparse ends the process
        return int(ended.code or 0)


@contextmanager
def _new_process(settings: dict[str, str]) -> Iterator[None]:
    """Set the settings, which a process reads once, and put back what a command does with the signals."""
    before = {each: signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)}
    settings_of_process.cache_clear()
    try:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in settings.items():
                patch.setenv(name, value)
            yield
    finally:
        settings_of_process.cache_clear()
        for each, handler in before.items():
            signal.signal(each, handler)


def run_process(*words: str, database_url: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end as a process of its own, as an operator does."""
    return subprocess.run(
        [sys.executable, "-m", "ledger", *words],
        cwd=CHECKOUT,
        env=environment(database_url, **more),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


@contextmanager
def started(*words: str, database_url: str, through: tuple[str, ...] = ()) -> Iterator[subprocess.Popen[str]]:
    """Start one command, `through` another that runs what it is given, and end it with the test."""
    process = subprocess.Popen(
        [*through, sys.executable, "-u", "-m", "ledger", *words],
        cwd=CHECKOUT,
        env=environment(database_url),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()
