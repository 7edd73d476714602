"""Finds private words in names and in sentences. Each list names the word to write instead."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.house import nodes_of, sources, text_of

ROOMS = ("ledger", "dashboard", "pages", "tests")
DOCUMENTS = ("docs",)
NAMES_THE_WORDS = {
    Path(path) for path in ("tests/dialect.py", "tests/test_house.py", "tests/dashboard/api/test_document.py")
}
"""The list itself, and tests that search for its words."""

# A part of a name: `asked_at`, `PurchaseTold`, `found`.
NAMES = {
    "asked": "requested, chosen, or the noun",
    "told": "Response, or the noun",
    "kept": "stored, saved",
    "found": "result, rows, or the noun",
    "rung": "evidence level",
    "ladder": "evidence levels",
    "spell": "subscription period",
    "spells": "subscription periods",
    "shelf": "catalogue",
    "wish": "intent, request",
    "wishes": "intents, requests",
}
# A whole name: `take_back` and `top_up` are plain English, `take` and `top` were not.
FIELDS = {"asked_minutes"}  # of the HTTP interface, promised to callers
WHOLE_NAMES = {
    "take": "overage_policy",
    "top": "gauge_base",
    "turn": "burn_order",
    "till": "checkout",
    "held": "control",
}
SENTENCES = {
    r"tells?|told": "say, report, or name who acts",
    r"asked": "requested",
    r"kept": "stored, saved",
    r"rungs?|ladders?": "evidence level",
    r"spells?": "subscription period",
    r"wish(?:es)?": "intent, request",
    r"make-?goods?": "bulk grant",
    r"let in|lets? people in": "give access",
    r"shut out": "deactivate, refuse",
    r"hand(?:s|ed)? out": "give, return",
    r"dealt with": "resolved",
    r"(?:is|are|was|were|be|been) looked at": "is checked",
    r"so many": "the number",
    r"who is held": "held-out workspaces",
}
SPOKEN = re.compile(
    "|".join(rf"(?<![\w`/.-])(?:{pattern})(?![\w`/-])" for pattern in SENTENCES), re.IGNORECASE
)
PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
SQL_NAME = re.compile(rf"\b(?:\w+_)?(?:{'|'.join([*NAMES, 'turn'])})(?:_\w+)?\b|\b(?:take|top(?!-up))\b")
SQL_PROSE = re.compile(r"--[^\n]*|'[^'\n]*'")


def written() -> list[Path]:
    """List every file in which the words are looked for."""
    python = [path for path in sources(*ROOMS) if path not in NAMES_THE_WORDS]
    return [
        *python,
        *sources(*ROOMS, suffix="sql"),
        *sources(*DOCUMENTS, suffix="md"),
        Path("README.md"),
    ]


@cache
def dialect_of(path: Path) -> tuple[str, ...]:
    """Return the places of private words in a file, with the word."""
    readers = {".py": _python, ".sql": _sql, ".md": _prose}
    return tuple(f"{path}:{line}: {word}" for line, word in readers[path.suffix](path))


def _python(path: Path) -> Iterator[tuple[int, str]]:
    yield from ((line, name) for line, name in _defined(path) if _is_private(name))
    text = text_of(path)
    if not SPOKEN.search(text):  # most files need no look at where their strings and comments begin
        return
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in {tokenize.STRING, tokenize.COMMENT}:
            yield from ((token.start[0] + line, word) for line, word in _spoken(token.string))


def _defined(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the names that a module defines, with their lines; those of libraries, such as NumPy's `take`, are not ours."""
    for node in nodes_of(path):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield node.lineno, name
            case (
                ast.arg(arg=name)
                | ast.Name(id=name, ctx=ast.Store())
                | ast.Attribute(attr=name, ctx=ast.Store())
            ):
                yield node.lineno, name
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
                yield node.lineno, name
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                yield from ((node.lineno, alias.asname) for alias in names if alias.asname)


@cache
def _is_private(name: str) -> bool:
    if name in FIELDS:
        return False
    parts = [part.lower() for part in PARTS.findall(name)]
    not_found = {"not", "found"} <= set(parts)  # HTTP's and Python's own word
    return name in WHOLE_NAMES or any(part in NAMES and not (part == "found" and not_found) for part in parts)


def _sql(path: Path) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text_of(path).splitlines(), start=1):
        yield from ((number, word[0]) for prose in SQL_PROSE.findall(line) for word in SPOKEN.finditer(prose))
        yield from ((number, word[0]) for word in SQL_NAME.finditer(SQL_PROSE.sub("", line)))


def _prose(path: Path) -> Iterator[tuple[int, str]]:
    return ((number + 1, word) for number, word in _spoken(text_of(path)))


def _spoken(text: str) -> Iterator[tuple[int, str]]:
    return (
        (number, word[0]) for number, line in enumerate(text.splitlines()) for word in SPOKEN.finditer(line)
    )
