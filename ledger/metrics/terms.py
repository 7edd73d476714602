"""A sum as terms: database lookups and how their rows count, known before anything is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row

from ledger.metrics.rows import Lookup, Total


@dataclass(frozen=True)
class Term:
    """A lookup, and what each of its rows adds to the sum."""

    lookup: Lookup
    counts: Callable[[Row[Any]], Total]


def pending(terms: Sequence[Term], sign: int) -> list[Term]:
    """Return terms that add (or with -1 take away) the rows of `terms` as too young to count."""

    def young(counts: Callable[[Row[Any]], Total]) -> Callable[[Row[Any]], Total]:
        def added(row: Row[Any]) -> Total:
            total = counts(row)
            return Total(total.part, Decimal(0), 0, 0, sign * total.n)

        return added

    return [Term(term.lookup, young(term.counts)) for term in terms]


def add_up(db: Connection, terms: Sequence[Term]) -> list[Total]:
    """Return the sum by part. A lookup of several terms is read once."""
    answers: dict[int, Sequence[Row[Any]]] = {}
    merged: dict[str | None, Total] = {}
    for term in terms:
        key = id(term.lookup)
        if key not in answers:
            answers[key] = term.lookup.answer(db)
        for t in map(term.counts, answers[key]):
            known = merged.get(t.part, Total(t.part, Decimal(0), 0, 0, 0))
            merged[t.part] = Total(
                t.part,
                known.value + t.value,
                known.weight + t.weight,
                known.n + t.n,
                known.pending + t.pending,
            )
    return [merged[part] for part in sorted(merged, key=str)]
