"""How long the tests of each file take: the slowest start first, and the end of a run shows where the time went.

`seconds.json` holds what each file took when it was last measured (`make test RECORD=1`). It decides the order and what
`make test FAST=1` runs; a wrong number costs time and changes no result.
"""

import json
import os
import re
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]
MEASURED = Path(__file__).with_name("seconds.json")
UNKNOWN_SECONDS = 10.0  # a new file starts early
FAST_SECONDS = (
    100.0  # what FAST=1 may run altogether: two minutes with the start, at half of what two cores can do
)
SLOWEST_SHOWN = 12
OUTSIDE = "tests/outside/"
LATER_SECONDS = 15.0  # when the tests that wait for npm start, their packages are there
LEFT_OUT_WHEN_FAST = ("tests/browser/", "tests/bench/", OUTSIDE)
SQL_OF_A_NOUN = re.compile(r"ledger/sql/(?:functions|queries|metrics)/([a-z_]+)")

taken: Counter[str] = Counter()
tests_of: Counter[str] = Counter()


def slowest_first(items: list[pytest.Item]) -> None:
    """Sort files by the seconds that they took last time; the tests of a file stay together, in their order."""
    seconds = _measured()

    def rank(item: pytest.Item) -> tuple[float, str]:
        file = _file(item)
        known = seconds.get(file, UNKNOWN_SECONDS)
        return -min(known, LATER_SECONDS if file.startswith(OUTSIDE) else known), file

    items.sort(key=rank)


def left_out_when_fast(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """Return the tests that `FAST=1` leaves out: what costs more than its seconds allow and tests nothing that changed."""
    items, changed = list(items), _changed_files()
    files = {_file(item) for item in items}
    wanted = {file for file in files if file in changed or _tests_one_of(file, changed)}
    fast = wanted | _quick(files - wanted, FAST_SECONDS - _seconds_of(wanted), _rooms(changed))
    return [
        item for item in items if _file(item) not in fast or (_file(item) not in changed and _is_long(item))
    ]


def _is_long(item: pytest.Item) -> bool:
    return bool(item.get_closest_marker("slow") or item.get_closest_marker("own_server"))


def _tests_one_of(file: str, changed: Iterable[str]) -> bool:
    """Whether a file of tests bears the name of a changed module, in its room, or of the noun of changed SQL."""
    for path in changed:
        sql = SQL_OF_A_NOUN.match(path)
        named = f"tests/{Path(path).parent}/test_{Path(path).stem}"
        if file.startswith((f"{named}.", f"{named}_")):
            return True
        if sql and Path(file).stem == f"test_{sql[1]}":
            return True
    return False


def _rooms(changed: Iterable[str]) -> set[str]:
    """Return the rooms of the tests of what changed."""
    return {str(Path(path).parent).removeprefix("tests/") for path in changed}


def _quick(files: Iterable[str], seconds: float, rooms: set[str]) -> set[str]:
    """Return the files that fit into the seconds: those of the changed rooms first, then the quickest."""
    chosen: set[str] = set()
    candidates = [file for file in files if not file.startswith(LEFT_OUT_WHEN_FAST)]
    measured = _measured()

    def rank(file: str) -> tuple[bool, float, str]:
        room = str(Path(file).parent).removeprefix("tests/")
        return room not in rooms, measured.get(file, UNKNOWN_SECONDS), file

    for file in sorted(candidates, key=rank):
        cost = measured.get(file, UNKNOWN_SECONDS)
        if cost <= seconds:
            chosen.add(file)
            seconds -= cost
    return chosen


def _seconds_of(files: Iterable[str]) -> float:
    measured = _measured()
    return sum(measured.get(file, UNKNOWN_SECONDS) for file in files)


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
        write(f"  {seconds:7.1f} s  {100 * seconds / total:4.1f}%  {name}")
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
