"""Every statement of the product with the place where it stands: queries, metrics, views, and statements inside functions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from pglast import ast, parse_plpgsql, parse_sql

from ledger.database import SQL, inlined, scripts
from ledger.metrics.registry import METRICS, STEPS
from ledger.metrics.rows import statement
from tests.spread.rules import Known, nodes

BIND = re.compile(r"(?<![:\w]):([a-zA-Z_]\w*)")
COMMENT = re.compile(r"--[^\n]*")
KINDS = {"workspace": "spread", "own-key": "spread", "reference": "reference", "local": "local"}
NO_ROW_TYPES = (("entries[]", "text[]"), ("entries entries", "entries text"))


def with_numbers(script: str) -> str:
    """Return a script whose binds are numbered, as PostgreSQL's parser reads them."""
    names: list[str] = []

    def number(bind: re.Match[str]) -> str:
        if bind[1] not in names:
            names.append(bind[1])
        return f"${names.index(bind[1]) + 1}"

    return BIND.sub(number, COMMENT.sub("", script))


@cache
def known() -> Known:
    """Return the kinds of tables and views, and the functions that read spread tables."""
    kinds: dict[str, str] = {}
    for path in sorted((SQL / "migrations").glob("*.sql")):
        for name, kind in re.findall(
            r"\('(\w+)', '(workspace|own-key|reference|local)', '\w+'\)", path.read_text()
        ):
            kinds[name] = KINDS[kind]
    for _ in range(4):  # views over views
        for _place, view, script in _views():
            below = {
                kinds.get(table.relname) for table in nodes(parse_sql(script)[0].stmt.query, ast.RangeVar)
            }
            kinds[view] = next(
                (kind for kind in ("spread", "local", "reference") if kind in below), "unknown"
            )
    readers: set[str] = set()
    for _ in range(4):  # functions that call such functions
        for name, body in _bodies():
            words = set(re.findall(r"\w+", body))
            if any(kinds.get(word) == "spread" for word in words) or words & readers:
                readers.add(name)
    return Known(kinds, frozenset(readers))


def _scripts_of(folder: str) -> Iterator[tuple[str, str]]:
    for path in sorted((SQL / folder).rglob("*.sql")):
        yield str(path.relative_to(SQL)), path.read_text().partition("\n-- grants\n")[0]


def _views() -> Iterator[tuple[str, str, str]]:
    for folder in ("migrations", "functions"):
        for place, script in _scripts_of(folder):
            for made in re.finditer(r"CREATE (?:OR REPLACE )?VIEW (\S+) AS.*?;\n", script + "\n", re.DOTALL):
                yield place, made[1], made[0]


def _bodies() -> Iterator[tuple[str, str]]:
    for _, script in _scripts_of("functions"):
        made = re.search(r"CREATE OR REPLACE FUNCTION (\w+)\(.*?\n(LANGUAGE.*)", script, re.DOTALL)
        if made:
            yield made[1], re.sub(r"AS \$\$\s*DECLARE.*?BEGIN", "BEGIN", made[2], count=0)


def statements() -> Iterator[tuple[str, str, bool]]:
    """Yield the place, the text and whether it is a view."""
    for name, script in scripts().items():
        if (
            not name.endswith("_inline")
            and not name.startswith("cluster_")
            and not re.search(r"/\* (rows|days|metric|segments)", script)
        ):
            yield f"queries: {name}", with_numbers(inlined(script)), False
    for slug in {**METRICS, **STEPS}:
        yield f"metrics: {slug}", with_numbers(str(statement("metric_rows", slug))), False
    for place, view, script in _views():
        yield f"{place}: {view}", script, True
    for folder in ("functions", "migrations"):
        for place, script in _scripts_of(folder):
            yield place, script, False
    for place, script in _scripts_of("functions"):
        for inner in inside(script):
            yield place, inner, False


def inside(script: str) -> Iterator[str]:
    """Yield every statement and expression of the PL/pgSQL function in a file."""
    if "LANGUAGE plpgsql" not in script:
        return
    for row, plain in NO_ROW_TYPES:
        script = script.replace(row, plain)
    for text, mode in _expressions(json.loads(json.dumps(parse_plpgsql(script)))):
        yield text if mode == 0 else f"SELECT {text.partition(':=')[2] or text}"


def _expressions(tree: Any) -> Iterator[tuple[str, int]]:
    if isinstance(tree, dict):
        if "query" in tree and isinstance(tree["query"], str):
            yield tree["query"], tree.get("parseMode", 0)
        for part in tree.values():
            yield from _expressions(part)
    elif isinstance(tree, list):
        for part in tree:
            yield from _expressions(part)
