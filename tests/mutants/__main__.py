"""`make mutants`: change the meaning of one place after the other in a copy of the tree, and run the tests that cover it.

`python -m tests.mutants [--all | --hard | FILE ...] [--seconds N] [--each N] [--seed N] [--only TEXT]`. Without an
argument: the lines changed against main. A survivor is explained by a line in `survivors.txt`, or the command fails.
"""

import argparse
import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tests.databases import CHECKOUT
from tests.mutants.changes import Change, hard_changes, moved_on
from tests.mutants.covering import covering
from tests.mutants.python_changes import python_changes
from tests.mutants.sql_changes import sql_changes
from tests.mutants.tree import NOTICED, UNNOTICED, Tree

EXPLAINED = Path(__file__).parent / "survivors.txt"
MOST_SECONDS = 600.0  # of one change, on a busy machine
ROOMS = re.compile(r"(ledger|dashboard)/.+\.py|pages/.+\.py|ledger/sql/(functions|queries|metrics)/.+\.sql")


def main(arguments: list[str]) -> int:
    """Return 0 if every change was noticed, is explained, or could not be made; 2 if our own list is out of date."""
    wanted = _parsed(arguments)
    if wanted.hard and (stale := moved_on(CHECKOUT)):
        print("the code has moved on; mend these entries of tests/mutants/hard/:", *stale, sep="\n  ")
        return 2
    changes = _hard(wanted.only) if wanted.hard else _chosen(wanted)
    print(f"{len(changes)} changes", flush=True)
    tree = Tree(CHECKOUT / ".data" / "mutants")
    try:
        counted, survivors = _tried(tree, changes, wanted)
    finally:
        tree.close()
    noticed = counted[NOTICED]
    meant = noticed + counted[UNNOTICED]
    print(f"{noticed} of {meant} changes noticed ({100 * noticed / max(meant, 1):.0f}%), seed {wanted.seed}")
    print(*(f"  {count} {verdict}" for verdict, count in counted.items()), sep="\n")
    return 1 if survivors else 0


def _parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants")
    parser.add_argument("files", nargs="*")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--hard", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--each", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args(arguments)


def _hard(only: str) -> list[Change]:
    """Return the changes of our own lists that are about this."""
    return [change for about, change in hard_changes(CHECKOUT) if change is not None and only in about]


def _chosen(wanted: argparse.Namespace) -> list[Change]:
    """Return changes of the files that were named, of all, or of the lines changed against main, in a random order."""
    lines = {} if wanted.all or wanted.files else _changed_lines()
    files = wanted.files or (_git("ls-files") if wanted.all else list(lines))
    paths = [path for path in files if ROOMS.fullmatch(path)]
    made: Iterable[Change] = [
        *python_changes(CHECKOUT, [path for path in paths if path.endswith(".py")]),
        *sql_changes(CHECKOUT, [path for path in paths if path.endswith(".sql")]),
    ]
    chosen = [each for each in made if not lines or each.line in lines[each.path]]
    random.Random(wanted.seed).shuffle(chosen)
    return chosen


def _changed_lines() -> dict[str, set[int]]:
    """Return the lines of each file that differ from where this branch left main."""
    base = _git("merge-base", "main", "HEAD")[0]
    result: dict[str, set[int]] = {}
    path = ""
    for line in _git("diff", "--unified=0", "--no-renames", base):
        if line.startswith("+++ b/"):
            path = line.removeprefix("+++ b/")
        elif hunk := re.match(r"@@ -\S+ \+(\d+)(?:,(\d+))? @@", line):
            first, count = int(hunk[1]), int(hunk[2] or 1)
            result.setdefault(path, set()).update(range(first, first + count))
    return result


def _git(*arguments: str) -> list[str]:
    return subprocess.run(
        ["git", *arguments], cwd=CHECKOUT, check=True, capture_output=True, text=True
    ).stdout.splitlines()


def _tried(
    tree: Tree, changes: list[Change], wanted: argparse.Namespace
) -> tuple[Counter[str], list[Change]]:
    """Try changes until the time is up; return how many ended how, and the survivors that nobody has explained."""
    explained = {line.partition(" | ")[0] for line in EXPLAINED.read_text().splitlines() if " | " in line}
    counted: Counter[str] = Counter()
    survivors = []
    until = time.monotonic() + wanted.seconds
    for change in changes:
        if time.monotonic() > until:
            counted["not tried: the time was up"] = len(changes) - counted.total()
            break
        tests = covering(CHECKOUT, change.path, change.before, at_most_seconds=wanted.each)
        started = time.monotonic()
        verdict, by = tree.verdict(change, tests, limit_seconds=MOST_SECONDS)
        if verdict == UNNOTICED and change.name in explained:
            verdict = "explained"
        counted[verdict] += 1
        if verdict == UNNOTICED:
            survivors.append(change)
        seconds = time.monotonic() - started
        print(
            f"{verdict}: {change.about}: {change.name} ({by or f'{len(tests)} files'}, {seconds:.0f} s)",
            flush=True,
        )
    return counted, survivors


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
