"""Everything of one source as Parquet files that `import` takes: a ledger made from them is the same ledger."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet
from sqlalchemy import Connection, Engine

from ledger.database import query, reading
from ledger.desk.search import sources
from ledger.errors import ImportRefused
from ledger.minutes.attributes import attribute_keys
from ledger.transfer.layouts import LAYOUTS

ROWS_AT_ONCE = 20_000
TYPES = {
    "time": pa.timestamp("us", tz="UTC"),
    "minutes": pa.int64(),
    "whole": pa.int64(),
    "integer": pa.int64(),
    "money": pa.int64(),
    "flag": pa.bool_(),
}
"""Forms of columns that are not text."""


def export_folder(
    engine: Engine,
    folder: Path,
    *,
    source: str | None = None,
    on_rows: Callable[[str, int], object] = lambda *_: None,
) -> dict[str, int]:
    """Write one Parquet file for each kind of row, all as of one moment; return how many rows each has.

    `source` may be left out while there is only one. Raises ImportRefused when there are several, or none, and when the
    folder has files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise ImportRefused(f"{folder} is not empty.")
    with reading(engine) as db:
        chosen = source or _only_source(db)
        return {kind: _write(db, kind, folder / f"{kind}.parquet", chosen, on_rows) for kind in LAYOUTS}


def _only_source(db: Connection) -> str:
    present = sorted(sources(db))
    if len(present) != 1:
        raise ImportRefused(
            f"Choose a source with --source: there are {', '.join(present) or 'no workspaces'}."
        )
    return present[0]


def _write(db: Connection, kind: str, path: Path, source: str, on_rows: Callable[[str, int], object]) -> int:
    """Write the rows of one kind in portions; a kind without rows has no file."""
    result = db.execute(
        query(f"transfer_export_{kind}"), {"source": source}, execution_options={"yield_per": ROWS_AT_ONCE}
    )
    extra = attribute_keys(db) if LAYOUTS[kind].open_ended else []
    forms = {column.name: column.form for column in LAYOUTS[kind].columns}
    names = [name for name in result.keys() if name in forms] + extra  # noqa: SIM118
    schema = pa.schema([(name, TYPES.get(forms.get(name, "text"), pa.string())) for name in names])
    written, writer = 0, None
    try:
        for portion in result.partitions():
            rows = [_with_attributes(row, extra) for row in portion] if LAYOUTS[kind].open_ended else portion
            columns = [
                pa.array(cells, schema.field(place).type)
                for place, cells in enumerate(zip(*rows, strict=True))
            ]
            writer = writer or parquet.ParquetWriter(path, schema)
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))
            written += len(rows)
            on_rows(kind, len(rows))
    finally:
        if writer:
            writer.close()
    return written


def _with_attributes(row: Sequence[Any], keys: Sequence[str]) -> list[Any]:
    """Return the row of a workspace with one cell for each key in place of all its attributes."""
    *cells, attributes = row
    return [*cells, *((attributes or {}).get(key) for key in keys)]
