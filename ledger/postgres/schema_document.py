"""The schema as a document: `python -m ledger.postgres.schema_document` writes docs/schema.md from the database.

Which noun a table belongs to, and the order of nouns, come from the migrations; everything else from the catalogue.
"""

from __future__ import annotations

import re
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ledger.database import SQL, connect, query, reading
from ledger.migrations import list_migrations, migrate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Connection, Row

FILE = Path(__file__).parents[2] / "docs" / "schema.md"
INTRODUCTION = """# Schema

Every table and view of a migrated database, in the order of the migrations, and every SQL function. This page is made
by `python -m ledger.postgres.schema_document` from the database's catalogue; a test fails when it is out of date. The
same comments show in psql (`\\d+ entries`) and in tools that read them.

Amounts are whole numbers in the minor unit of their currency, minutes are whole minutes, times are `timestamptz` in
UTC. Other programs read only schema `facts`, as the role `ledger_reader`: no names, no addresses, no secrets.
"""
_MADE = re.compile(r"^CREATE (?:OR REPLACE )?(?:UNLOGGED )?(TABLE|VIEW|FUNCTION) ([a-z_.]+)", re.MULTILINE)


class Schema(NamedTuple):
    """What the catalogue says: the rows of its five queries."""

    relations: dict[str, Row[Any]]
    columns: dict[str, list[Row[Any]]]
    constraints: dict[str, list[Row[Any]]]
    indexes: dict[str, list[Row[Any]]]
    functions: Sequence[Row[Any]]


def read_schema(db: Connection) -> Schema:
    """Return what the catalogue of a migrated database says about schemas public and facts."""
    return Schema(
        {row.relation: row for row in db.execute(query("schema_relations"))},
        _by_relation(db, "schema_columns"),
        _by_relation(db, "schema_constraints"),
        _by_relation(db, "schema_indexes"),
        db.execute(query("schema_functions")).all(),
    )


def uncommented(schema: Schema) -> list[str]:
    """Name every table, view, column, constraint and function without a comment; a primary key needs none."""
    return [
        *(name for name, row in schema.relations.items() if not row.comment),
        *(f"{row.relation}.{row.name}" for row in _all(schema.columns) if not row.comment),
        *(row.name for row in _all(schema.constraints) if not row.comment and not row.is_primary_key),
        *(f"{row.name}()" for row in schema.functions if not row.comment),
    ]


def document(db: Connection) -> str:
    """Return the whole page."""
    schema = read_schema(db)
    parts = [INTRODUCTION]
    for noun, names in _nouns():
        relations = [name for name in names if name in schema.relations]
        if relations:
            parts.append(f"## {noun.replace('_', ' ').capitalize()}\n")
            parts.extend(_relation(schema, name) for name in relations)
    return "\n".join([*parts, "## Functions\n", *map(_function, schema.functions)]) + "\n"


def _by_relation(db: Connection, name: str) -> dict[str, list[Row[Any]]]:
    by_name = attrgetter("relation")
    return {relation: list(rows) for relation, rows in groupby(db.execute(query(name)), by_name)}


def _all(rows: dict[str, list[Row[Any]]]) -> Iterator[Row[Any]]:
    return (row for of_relation in rows.values() for row in of_relation)


def _nouns() -> list[tuple[str, list[str]]]:
    """Return each noun with what its migration and its folder of functions make, then the folders of other names."""
    migrations = {path.stem.split("_", 1)[1]: path for path in list_migrations()}
    folders = sorted(path.name for path in (SQL / "functions").iterdir() if path.name not in migrations)
    nouns = [(noun, _made(noun, path)) for noun, path in migrations.items()]
    nouns[0][1].insert(0, "schema_migrations")  # made by `migrate` before the first file
    return [*nouns, *((folder, _made(folder)) for folder in folders)]


def _made(folder: str, *first: Path) -> list[str]:
    scripts = [*first, *sorted((SQL / "functions" / folder).glob("*.sql"))]
    return [name for each in scripts for _, name in _MADE.findall(each.read_text("utf-8"))]


def _relation(schema: Schema, name: str) -> str:
    relation = schema.relations[name]
    lines = [f"### `{name}` ({relation.kind})\n", f"{relation.comment}\n"]
    if relation.kind == "view":
        lines += ["| Column | Type | Meaning |", "|---|---|---|"]
    else:
        lines += ["| Column | Type | Null | Default | Meaning |", "|---|---|---|---|---|"]
    lines += [_column(column, relation.kind) for column in schema.columns[name]]
    lines += _listed("Constraints", schema.constraints.get(name, []), _constraint)
    lines += _listed("Indexes", schema.indexes.get(name, []), _index)
    return "\n".join(lines) + "\n"


def _column(column: Row[Any], kind: str) -> str:
    facts = [f"`{column.name}`", column.type]
    if kind == "table":
        facts += [
            "yes" if column.nullable else "",
            f"`{column.default_value}`" if column.default_value else "",
        ]
    return "| " + " | ".join(fact.replace("|", "\\|") for fact in [*facts, column.comment or ""]) + " |"


def _listed(title: str, rows: list[Row[Any]], line: Callable[[Row[Any]], str]) -> list[str]:
    return [f"\n{title}:\n", *map(line, rows)] if rows else []


def _constraint(constraint: Row[Any]) -> str:
    reason = f" {constraint.comment}" if constraint.comment else ""
    return f"- `{constraint.name}`:{reason} `{constraint.definition}`"


def _index(index: Row[Any]) -> str:
    return f"- `{index.name}`: `{index.definition}`"


def _function(function: Row[Any]) -> str:
    return f"- `{function.name}({function.arguments})`: {function.comment}"


if __name__ == "__main__":
    engine = connect()
    migrate(engine)
    with reading(engine) as connection:
        FILE.write_text(document(connection), "utf-8")
