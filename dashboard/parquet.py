"""The one Parquet exporter: the rows of a CSV file with their types, for notebooks, dbt and other programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

CONTROL_SUM = b"control_sum"
"""Where the metadata of a file say how many rows it has and what they add up to."""


def of_rows(rows: Iterable[Mapping[str, Any]], head: str) -> bytes:
    """Return rows as a file; `head`: their count and control sum."""
    listed = list(rows)
    names = list(listed[0]) if listed else []
    return _file({name: [row[name] for row in listed] for name in names}, head)


def of_frame(frame: pd.DataFrame) -> bytes:
    """Return a frame as a file."""
    columns = {str(name): frame[name].astype(object).where(frame[name].notna(), None) for name in frame}
    return _file({name: list(column) for name, column in columns.items()}, "")


def _file(columns: Mapping[str, Sequence[Any]], head: str) -> bytes:
    import pyarrow as pa  # noqa: PLC0415  loads slowly; only a click needs it
    from pyarrow import parquet  # noqa: PLC0415

    table = pa.table({name: _array(pa, values) for name, values in columns.items()})
    file = BytesIO()
    parquet.write_table(table.replace_schema_metadata({CONTROL_SUM: head.encode()} if head else None), file)
    return file.getvalue()


def _array(pa: Any, values: Sequence[Any]) -> Any:
    """Return a column with the type that its values share; text where they share none, JSON for lists and objects."""
    try:
        array = pa.array(values)
        if not pa.types.is_nested(array.type) and not isinstance(array.type, pa.BaseExtensionType):
            return array
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        pass
    return pa.array([None if value is None else _text(value) for value in values], pa.string())


def _text(value: Any) -> str:
    return json.dumps(value, default=str) if isinstance(value, (dict, list, tuple)) else str(value)
