"""Rows that were read within one snapshot, so that nothing is read from it twice: they cannot change."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, TextClause

Made = TypeVar("Made")


def fetch(db: Connection, statement: TextClause, binds: Mapping[str, Any]) -> Sequence[Row[Any]]:
    """The rows of a statement. Within `reading()` they are read once: its snapshot cannot change.

    `statement` must be one that is made once, such as `query(...)`; `binds` can be keys of a dictionary.
    """
    answers = db.get_execution_options().get("answers")
    if answers is None:
        return db.execute(statement, binds).all()
    key = _question(statement, binds)
    if key not in answers:
        answers[key] = db.execute(statement, binds).all()
    return answers[key]  # type: ignore[no-any-return]


def cached(db: Connection, key: Hashable, make: Callable[[], Made]) -> Made:
    """Return what `make` makes of the database; within `reading()` it is made once for each key."""
    answers = db.get_execution_options().get("answers")
    if answers is None:
        return make()
    if key not in answers:
        answers[key] = make()
    return answers[key]  # type: ignore[no-any-return]


def has_cache(db: Connection) -> bool:
    """Whether this connection reads the same rows once: one snapshot, opened by `reading()`."""
    return "answers" in db.get_execution_options()


def is_cached(db: Connection, statement: TextClause, binds: Mapping[str, Any]) -> bool:
    """Whether `fetch` knows the answer to this question already."""
    return _question(statement, binds) in db.get_execution_options()["answers"]


def cache_rows(
    db: Connection, statement: TextClause, binds: Mapping[str, Any], rows: Sequence[Row[Any]]
) -> None:
    """Keep the rows of a question that was read together with others, for `fetch`."""
    db.get_execution_options()["answers"][_question(statement, binds)] = rows


def _question(statement: TextClause, binds: Mapping[str, Any]) -> tuple[int, tuple[tuple[str, Any], ...]]:
    return id(statement), tuple(sorted(binds.items()))
