"""Changes of SQL: one operator, bound, condition, direction, sign, limit or call in one function or query."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.mutants.changes import Change, distinct, of_lines

Rule = tuple[str, str, str | Callable[[re.Match[str]], str]]
FOLLOWS = r"(?=\s*(?:\n|$|;))"
RULES: list[Rule] = [
    ("bound", r"(?<![<>=!:-])<(?![<>=@-])", "<="),
    ("bound", r"<=(?!>)", "<"),
    ("bound", r"(?<![<>=!:-])>(?![<>=])", ">="),
    ("bound", r"(?<![<>=])>=(?!>)", ">"),
    ("equality", r"<>", "="),
    ("equality", r"(?<=[\w)'] )=(?= )(?=[^\n]*(?:AND|WHERE|ON|WHEN|IF|OR|THEN|$))", "<>"),
    ("null", r"\bIS NOT NULL\b", "IS NULL"),
    ("null", r"\bIS NULL\b", "IS NOT NULL"),
    ("null", r"\bIS NOT DISTINCT FROM\b", "IS DISTINCT FROM"),
    ("null", r"(?<!NOT )\bIS DISTINCT FROM\b", "IS NOT DISTINCT FROM"),
    ("existence", r"(?<!NOT )\bEXISTS \(", "NOT EXISTS ("),
    ("existence", r"\bNOT EXISTS \(", "EXISTS ("),
    ("condition", r"^[ \t]*AND [^\n()]*(?:\([^\n()]*\)[^\n()]*)*" + FOLLOWS, ""),
    ("condition", r"\bWHERE [^\n()]+? AND ", "WHERE "),
    ("condition", r" AND [^\n()]+?(?= THEN\b)", ""),
    ("junction", r"\bAND\b(?! CURRENT| \d| UNBOUNDED)", "OR"),
    ("junction", r"\bOR\b(?! REPLACE)", "AND"),
    ("direction", r"\bDESC\b", "ASC"),
    ("direction", r"(?<=ORDER BY )(\w+(?:\.\w+)?)(?=\s*(?:$|;|\)|LIMIT))", r"\1 DESC"),
    ("extreme", r"\bleast\(", "greatest("),
    ("extreme", r"\bgreatest\(", "least("),
    ("extreme", r"\bmin\(", "max("),
    ("extreme", r"\bmax\(", "min("),
    ("sign", r"(?<=[\w)] )\+(?= [\w(:])", "-"),
    ("sign", r"(?<=[\w)] )-(?= [\w(:])", "+"),
    ("number", r"(?<![\w.$'])(\d+)(?![\w.'])", lambda match: str(int(match[1]) + 1)),
    ("call", r"^[ \t]*PERFORM [^;]+;", ""),
    ("distinct", r"\bSELECT DISTINCT\b", "SELECT"),
    ("distinct", r"\bcount\(DISTINCT ", "count("),
    ("union", r"\bUNION ALL\b", "UNION"),
    ("join", r"\bLEFT JOIN\b", "JOIN"),
]


def sql_changes(root: Path, paths: list[str]) -> Iterator[Change]:
    """Yield every change of these files; comments and words in quotes stay as they are."""
    return distinct(change for path in paths for change in _of_file(root, path))


def _of_file(root: Path, path: str) -> Iterator[Change]:
    text = (root / path).read_text()
    hidden = _without_comments(text)
    for rule, pattern, new in RULES:
        for match in re.finditer(pattern, hidden, re.MULTILINE):
            changed = text[: match.start()] + _new(match, new) + text[match.end() :]
            line, before, after = of_lines(text, changed)
            yield Change(path, line, before, after, changed, rule)


def _new(match: re.Match[str], new: str | Callable[[re.Match[str]], str]) -> str:
    return match.expand(new) if isinstance(new, str) else new(match)


def _without_comments(text: str) -> str:
    """Return a text of the same length in which comments and words in quotes are blank."""
    return re.sub(r"--[^\n]*|'[^'\n]*'", lambda match: " " * len(match[0]), text)
