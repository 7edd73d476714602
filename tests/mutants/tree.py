"""A copy of the tree in which changes are made and tests are run; the tree of whoever asks is never touched."""

import itertools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.databases import CHECKOUT
from tests.mutants.changes import Change

NOTICED, UNNOTICED, ENDLESS, UNBUILT = (
    "noticed",
    "NOT NOTICED",
    "not finished in time",
    "refused by PostgreSQL",
)

PASSED = {0, 5}
"""Statuses of pytest: all passed, or nothing to run."""


class Tree:
    """A copy of the files that git knows, its test server, and a process that has imported what every test imports."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ticks = itertools.count(1_500_000_000)
        self._fails: dict[str, bool] = {}
        _copy(folder)
        self._server = _start(
            folder,
            "-c",
            "from tests.databases import admin_url, _template; admin_url(); _template(); print(1, flush=True); input()",
        )
        self._server.stdout.readline()
        self._runner = _start(folder, "-m", "tests.mutants.forked")

    def close(self) -> None:
        """End the processes of this copy; the last one stops the server."""
        for process in (self._runner, self._server):
            process.communicate("\n")

    def verdict(self, change: Change, tests: list[str], limit_seconds: float) -> tuple[str, str]:
        """Return whether these tests notice the change, and which file did; one that fails without it does not count."""
        remaining = list(tests)
        while remaining:
            with self._changed(change):
                status, failed, how = self._run(remaining, limit_seconds)
            if status in PASSED:
                return UNNOTICED, ""
            if status is None:
                return ENDLESS, ""
            if change.path.endswith(".sql") and " _template()" in how:
                return UNBUILT, ""
            if not self._fails_anyway(failed, limit_seconds):
                return NOTICED, failed
            remaining = [test for test in remaining if test != failed]
        return UNNOTICED, ""

    def _fails_anyway(self, test: str, limit_seconds: float) -> bool:
        if test not in self._fails:
            self._fails[test] = self._run([test], limit_seconds)[0] not in PASSED
            if self._fails[test]:
                print(f"left out, because it fails without any change: {test}", flush=True)
        return self._fails[test]

    def _run(self, tests: list[str], limit_seconds: float) -> tuple[int | None, str, str]:
        """Return pytest's status (None after the limit), the file that failed, and how."""
        self._runner.stdin.write(json.dumps([tests, limit_seconds]) + "\n")
        self._runner.stdin.flush()
        status, failed, how = json.loads(self._runner.stdout.readline())
        return status, failed, how

    @contextmanager
    def _changed(self, change: Change) -> Iterator[None]:
        file = self.folder / change.path
        before = file.read_text()
        self._write(file, change.text)
        try:
            yield
        finally:
            self._write(file, before)

    def _write(self, file: Path, text: str) -> None:
        """Write with a time of its own: Python recognises a changed file by its second and its size."""
        file.write_text(text)
        tick = next(self._ticks)
        os.utime(file, (tick, tick))


def _copy(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=CHECKOUT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for name in listed.splitlines():
        if (CHECKOUT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(CHECKOUT / name, folder / name)
    (folder / ".venv").symlink_to(CHECKOUT / ".venv")


def _environment(folder: Path) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | {
        "PYTHONPATH": str(folder),
        "DATA_DIR": str(folder / ".data" / "test"),
    }


def _start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=folder,
        env=_environment(folder),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # the interrupt of the terminal is for the parent
    )
