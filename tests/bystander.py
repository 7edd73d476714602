"""A workspace that a test leaves alone: whatever the others do, no row about it changes, in any table."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, text

import ledger

TABLES = text(
    "SELECT c.table_name FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name) "
    "WHERE c.column_name = 'workspace_id' AND t.table_type = 'BASE TABLE' AND c.table_schema = 'public' ORDER BY 1"
)


def rows_about(db: Connection, workspace_id: str) -> dict[str, list[Any]]:
    """Return every row about a workspace, by table."""
    rows_of = {}
    for table in db.scalars(TABLES).all():
        rows = text(f"SELECT to_jsonb(t) FROM {table} t WHERE workspace_id = :id ORDER BY to_jsonb(t)")
        rows_of[table] = list(db.scalars(rows, {"id": workspace_id}))
    return {table: rows for table, rows in rows_of.items() if rows}


@contextmanager
def stays_untouched(engine: Engine, workspace_id: str, *tables: str) -> Iterator[None]:
    """Within it nothing about a workspace may change, at least in these tables something is there to be changed."""
    with ledger.reading(engine) as db:
        before = rows_about(db, workspace_id)
    assert set(tables) <= set(before), sorted(before)
    yield
    with ledger.reading(engine) as db:
        assert rows_about(db, workspace_id) == before
