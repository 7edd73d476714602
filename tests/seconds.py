"""How long the tests of each file take: the slowest start first, and the end of a run shows where the time went.

`seconds.json` holds what each file took when it was last measured (`make test RECORD=1`). It decides the order and what
`make test FAST=1` leaves out; a wrong number costs time and changes no result.
"""

import json
import os
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]
MEASURED = Path(__file__).with_name("seconds.json")
UNKNOWN_SECONDS = 10.0  # a new file starts early
FAST_SECONDS = 4.0  # with FAST=1 a file that takes longer is left out, unless it was changed
SLOWEST_SHOWN = 12
LEFT_OUT_WHEN_FAST = ("tests/browser/", "tests/bench/")

taken: Counter[str] = Counter()
tests_of: Counter[str] = Counter()


def slowest_first(items: list[pytest.Item]) -> None:
    """Sort files by the seconds that they took last time; the tests of a file stay together, in their order."""
    seconds = _measured()
    items.sort(key=lambda item: (-seconds.get(_file(item), UNKNOWN_SECONDS), _file(item)))


def left_out_when_fast(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """Return the tests that `FAST=1` leaves out: long ones, unless their file has been changed."""
    seconds, changed = _measured(), _changed_files()
    return [
        item
        for item in items
        if _file(item) not in changed
        and (
            seconds.get(_file(item), 0.0) > FAST_SECONDS
            or _file(item).startswith(LEFT_OUT_WHEN_FAST)
            or item.get_closest_marker("slow")
            or item.get_closest_marker("own_server")
        )
    ]


def count(report: pytest.TestReport) -> None:
    """Add one report, of a set-up, a test or a tear-down."""
    file = report.nodeid.partition("::")[0]
    taken[file] += report.duration  # type: ignore[assignment]  # a Counter adds fractions too
    tests_of[file] += report.when == "call"


def show(write: Callable[[str], None]) -> None:
    """Write a table of rooms and of the slowest files; record the seconds of each file where RECORD is set."""
    total = sum(taken.values()) or 1.0
    rooms: Counter[str] = Counter()
    for file, seconds in taken.items():
        rooms["/".join(file.split("/")[:3]).removesuffix(".py")] += seconds  # type: ignore[assignment]
    write(f"Where {total:,.0f} test seconds went:")
    for name, seconds in rooms.most_common(SLOWEST_SHOWN):
        write(f"  {seconds:7.1f} s  {100 * seconds / total:4.1f} %  {name}")
    write("Slowest files:")
    for name, seconds in taken.most_common(SLOWEST_SHOWN):
        write(f"  {seconds:7.1f} s  {tests_of[name]:5d} tests  {name}")
    if os.environ.get("RECORD"):
        known = {file: seconds for file, seconds in _measured().items() if (CHECKOUT / file).exists()}
        known |= {file: round(seconds, 1) for file, seconds in taken.items()}
        MEASURED.write_text(json.dumps(dict(sorted(known.items())), indent=1) + "\n")


def _measured() -> dict[str, float]:
    return dict(json.loads(MEASURED.read_text())) if MEASURED.exists() else {}


def _file(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


def _changed_files() -> set[str]:
    """Return the files that differ from the last commit."""
    listed = subprocess.run(
        ["git", "status", "--porcelain", "--untracked-files=all"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    return {line[3:].partition(" -> ")[2] or line[3:] for line in listed.splitlines()}
