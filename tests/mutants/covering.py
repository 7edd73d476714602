"""Which test files can notice a change: those of the mirrored path first, then those that name what the file holds."""

import ast
import json
import re
from functools import cache
from pathlib import Path

from ledger.database import scripts

LEFT_OUT = (
    "tests/browser",
    "tests/outside",
    "tests/bench",
    "tests/fire",
    "tests/test_house",
    "tests/test_docs",
    "tests/test_readme",
    "tests/test_architecture",
    "tests/test_seconds",
)
"""Tests that need a browser or another company's packages, take minutes, or read the tree and not the behaviour."""
USUAL_SECONDS = 3.0  # of a file that is not in seconds.json


def covering(root: Path, path: str, before: str, *, at_most_seconds: float) -> list[str]:
    """Return test files, the nearest first, until their usual time is used up; the nearest file always."""
    words = _words(root, path, before)
    homes = _python_homes(root, path, words) if path.endswith(".sql") else [path]
    ranked = sorted(
        (rank, _seconds(root).get(test, USUAL_SECONDS), test)
        for test, text in _tests(root).items()
        if (rank := _rank(path, homes, words, test, text)) is not None
    )
    chosen: list[str] = []
    spent = 0.0
    for _, seconds, test in ranked:
        if not chosen or spent + seconds <= at_most_seconds:
            chosen.append(test)
            spent += seconds
    return chosen


def _rank(path: str, homes: list[str], words: frozenset[str], test: str, text: str) -> int | None:
    """Return 0 for a mirrored file, 1 for one that names what changed, 2 for the rest of the room, None for others."""
    for home in homes:
        folder, _, module = home.removesuffix(".py").rpartition("/")
        module = folder.rpartition("/")[2] if module == "__init__" else module
        if test.startswith((f"tests/{folder}/test_{module}.", f"tests/{folder}/test_{module}_")):
            return 0
        if home.replace("/", ".").removesuffix(".py") in text:
            return 1
    if any(word in text for word in words):
        return 1
    rooms = {f"tests/{home.rpartition('/')[0]}/" for home in homes}
    if "/metrics/" in path:
        rooms.add("tests/ledger/metrics/")
    return 2 if any(test.startswith(room) and room.count("/") > 2 for room in rooms) else None


def _words(root: Path, path: str, before: str) -> frozenset[str]:
    """Return the names that a test of this file would use: public functions, or the query or SQL function."""
    text = (root / path).read_text()
    if path.endswith(".py"):
        tree = ast.parse(text)
        names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
        return frozenset(f"{name}(" for name in names if not name.startswith("_") and len(name) > 6)
    if "/queries/" in path:
        return frozenset(f'"{name}"' for name in _queries_of(text, before.removesuffix(";")))
    return frozenset({f"{Path(path).stem}("} if "/functions/" in path else {Path(path).stem})


def _queries_of(text: str, before: str) -> list[str]:
    """Return the names of the queries in which the changed line stands."""
    named = re.findall(r"^-- name: (\w+)$", text, re.MULTILINE)
    return [name for name in named if before in " ".join(scripts()[name].split())] or named


def _python_homes(root: Path, path: str, words: frozenset[str]) -> list[str]:
    """Return the modules that use these queries; for a function, those of the queries that call it, at any distance."""
    if "/functions/" in path:
        words = _queries_calling(root, Path(path).stem)
    return [module for module, text in _modules(root).items() if any(word in text for word in words)]


@cache
def _queries_calling(root: Path, function: str) -> frozenset[str]:
    functions = {file.stem: file.read_text() for file in (root / "ledger/sql/functions").rglob("*.sql")}
    reached, waiting = {function}, [function]
    while waiting:
        called = waiting.pop()
        callers = {name for name, text in functions.items() if f"{called}(" in text} - reached
        reached |= callers
        waiting.extend(callers)
    queries = {name for name, text in scripts().items() if any(f"{each}(" in text for each in reached)}
    return frozenset(f'"{each}"' for each in queries | reached)


@cache
def _modules(root: Path) -> dict[str, str]:
    return {
        str(file.relative_to(root)): file.read_text()
        for room in ("ledger", "dashboard")
        for file in sorted((root / room).rglob("*.py"))
    }


@cache
def _tests(root: Path) -> dict[str, str]:
    result = {
        str(file.relative_to(root)): file.read_text() for file in sorted((root / "tests").rglob("test_*.py"))
    }
    return {test: text for test, text in result.items() if not test.startswith(LEFT_OUT)}


@cache
def _seconds(root: Path) -> dict[str, float]:
    return dict(json.loads((root / "tests/seconds.json").read_text()))
