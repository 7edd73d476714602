"""Lookups of one page read together: a statement for each kind, whatever their number.

`Lookup.answer` then finds its rows among the answers of the snapshot. A lookup that nobody foresaw is read alone.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, TextClause, text

from ledger.database import query
from ledger.metrics.rows import Lookup, planned_for_its_values, statement
from ledger.snapshot_cache import cache_rows, has_cache, is_cached

_BIND = re.compile(r"(?<![:\w]):(\w+)")
TYPES = {
    **dict.fromkeys(("since_day", "first_day", "last_day", "first_month", "last_month"), "date"),
    **dict.fromkeys(("start", "end", "as_of"), "timestamptz"),
}
"""What a lookup binds that is no text."""
OF_DAYS = ("rolled_totals", "repeated_totals", "metric_fit")
"""Kinds whose lookups differ in what they bind only: one statement joins it to a list of lookups."""
OF_ROWS = ("metric_totals", "metric_by_workspace")
"""Kinds over the rows of metrics, each with its own SQL: one statement unites them."""
OF_PARTS = "added_workspaces"
"""A kind that answers for several parts of the same rows, by a list of them."""


def read_together(db: Connection, lookups: Iterable[Lookup]) -> None:
    """Read lookups in one statement per kind. Outside `reading()` nothing is read ahead."""
    if not has_cache(db):
        return
    kinds: dict[str, dict[Any, Lookup]] = defaultdict(dict)
    for lookup in lookups:
        if not is_cached(db, lookup.statement, lookup.binds):
            kinds[lookup.template][lookup.slug, tuple(sorted(lookup.binds.items()))] = lookup
    for template, different in kinds.items():
        waiting = list(different.values())
        if template in OF_DAYS:
            _keep(db, waiting, _read_days(db, template, waiting))
        elif template in OF_ROWS:
            _keep(db, waiting, _read_rows(db, template, waiting))
        elif template == OF_PARTS:
            _keep(db, waiting, _read_parts(db, waiting))


def _keep(db: Connection, lookups: Sequence[Lookup], rows: Iterable[Row[Any]]) -> None:
    answers: list[list[Row[Any]]] = [[] for _ in lookups]
    for row in rows:
        answers[row.lookup_no].append(row)
    for lookup, results in zip(lookups, answers, strict=True):
        cache_rows(db, lookup.statement, lookup.binds, results)


def _read_days(db: Connection, template: str, lookups: Sequence[Lookup]) -> Sequence[Row[Any]]:
    listed = [{"lookup_no": number, **lookup.binds} for number, lookup in enumerate(lookups)]
    return db.execute(_joined(template), {"lookups": json.dumps(listed, default=date.isoformat)}).all()


@lru_cache
def _joined(template: str) -> TextClause:
    """Return a query for each of a list of lookups."""
    body = str(query(template))
    names = sorted(set(_BIND.findall(body)))
    columns = ", ".join(f'"{name}" {TYPES.get(name, "text")}' for name in names)
    body = _BIND.sub(r'q."\1"', body)
    return text(
        f"/* {template} together */ SELECT q.lookup_no, a.* FROM jsonb_to_recordset(CAST(:lookups AS jsonb)) "
        f"AS q (lookup_no integer, {columns}) CROSS JOIN LATERAL (\n{body}\n) a"
    )


def _read_parts(db: Connection, lookups: Sequence[Lookup]) -> Sequence[Row[Any]]:
    """Read the parts of the same rows together, and those of different rows in one statement."""
    groups: dict[Any, list[tuple[int, Lookup]]] = defaultdict(list)
    for number, lookup in enumerate(lookups):
        rows = {name: value for name, value in lookup.binds.items() if name != "parts"}
        groups[lookup.slug, tuple(sorted(rows.items()))].append((number, lookup))
    united = [
        replace(members[0][1], binds={**members[0][1].binds, "parts": json.dumps(_numbered(members))})
        for members in groups.values()
    ]
    return _read_rows(db, OF_PARTS, united)


def _numbered(members: Sequence[tuple[int, Lookup]]) -> list[dict[str, Any]]:
    return [
        {**part, "lookup_no": number}
        for number, lookup in members
        for part in json.loads(lookup.binds["parts"])
    ]


def _read_rows(db: Connection, template: str, lookups: Sequence[Lookup]) -> Sequence[Row[Any]]:
    binds: Mapping[str, Any] = {
        f"{name}_{number}": value
        for number, lookup in enumerate(lookups)
        for name, value in lookup.binds.items()
    }
    with planned_for_its_values(db):
        return db.execute(_united(template, tuple(str(one.slug) for one in lookups)), binds).all()


@lru_cache
def _united(template: str, slugs: tuple[str, ...]) -> TextClause:
    """Return one statement for the rows of several metrics, whose binds are numbered."""
    united = [
        _BIND.sub(rf":\1_{number}", str(statement(template, slug))) for number, slug in enumerate(slugs)
    ]
    numbers = [f"{number} AS lookup_no, " if template != OF_PARTS else "" for number in range(len(slugs))]
    whole = "\nUNION ALL\n".join(
        f"SELECT {number}a.* FROM (\n{one}\n) a" for number, one in zip(numbers, united, strict=True)
    )
    return text(f"/* {template} together */ {whole}")
