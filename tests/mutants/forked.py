"""Imports the packages of others once, then runs pytest in a fork for every request: `[[test, ...], seconds]`.

The answer is `[status, file that failed, how]`; the status is null where the time was up.
"""

import json
import os
import select
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

HEAVY = (
    "pytest",
    "sqlalchemy",
    "psycopg",
    "pandas",
    "scipy.stats",
    "statsmodels.api",
    "fastapi",
    "pydantic",
    "stripe",
    "httpx",
    "streamlit.testing.v1",
    "plotly.graph_objects",
    "babel.numbers",
)

# What is imported before pytest starts can't be rewritten for its messages; nobody reads them here.
OPTIONS = ("-x", "-q", "-n", "0", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning")

FAILED = Path(".data/failed.json")


class FirstFailure:
    """Writes which file failed, and with what."""

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Write the first failure."""
        self._write(report)

    def pytest_collectreport(self, report: Any) -> None:
        """Write the first file that can't be imported."""
        self._write(report)

    def _write(self, report: Any) -> None:
        if report.failed and not FAILED.exists():
            FAILED.write_text(json.dumps([report.nodeid.partition("::")[0], str(report.longrepr)]))


def main() -> None:
    """Answer each line of standard input."""
    for name in HEAVY:
        import_module(name)
    for line in sys.stdin:
        if not line.strip():
            return
        tests, limit_seconds = json.loads(line)
        FAILED.unlink(missing_ok=True)
        status = _status(tests, limit_seconds)
        failed = json.loads(FAILED.read_text()) if FAILED.exists() else ["", ""]
        print(json.dumps([status, *failed]), flush=True)


def _status(tests: list[str], limit_seconds: float) -> int | None:
    child = os.fork()
    if not child:
        _run(tests)
    ended = os.pidfd_open(child)
    try:
        if not select.select([ended], [], [], limit_seconds)[0]:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return None
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    finally:
        os.close(ended)


def _run(tests: list[str]) -> None:
    """Become the process of one run: a group of its own, silent, without standard input."""
    os.setpgid(0, 0)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    log = os.open(".data/run.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for number in (1, 2):
        os.dup2(log, number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    pytest = import_module("pytest")
    status = pytest.main([*OPTIONS, *tests], plugins=[FirstFailure()])
    sys.stdout.flush()
    os._exit(int(status))


if __name__ == "__main__":
    main()
