"""Rows of CSV, Parquet and JSON-lines files, each with its line number, read in portions."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyarrow import parquet

from ledger.errors import ImportRefused

SUFFIXES = (".csv", ".tsv", ".txt", ".parquet", ".jsonl", ".ndjson")
OUR_OWN = ("refused.csv",)
DELIMITERS = ",;\t|"
ROWS_AT_ONCE = 10_000
CELL_AT_MOST = 1 << 20
Cells = Sequence[Any]


@dataclass(frozen=True, kw_only=True)
class Table:
    """One file of rows. `delimiter` and `encoding` matter for CSV only."""

    path: Path
    headers: tuple[str, ...]
    delimiter: str = ","
    encoding: str = "utf-8-sig"

    def rows(self) -> Iterator[tuple[int, Cells | None]]:
        """Yield line number and cells in the order of `headers`; None for a line with another number of cells.

        Raises ImportRefused when the file can't be read.
        """
        try:
            if self.path.suffix == ".parquet":
                yield from self._parquet_rows()
            elif self.path.suffix in (".jsonl", ".ndjson"):
                yield from self._json_rows()
            else:
                yield from self._csv_rows()
        except UnicodeDecodeError:
            raise ImportRefused(
                f"{self.path.name} is not UTF-8: set `encoding` in its section of the mapping, for example cp1252."
            ) from None

    def _csv_rows(self) -> Iterator[tuple[int, Cells | None]]:
        width = len(self.headers)
        with self.path.open(newline="", encoding=self.encoding) as file:
            reader = csv.reader(file, delimiter=self.delimiter)
            next(reader, None)
            for cells in reader:
                if cells:
                    yield reader.line_num, cells if len(cells) == width else None

    def _parquet_rows(self) -> Iterator[tuple[int, Cells]]:
        number = 0
        with parquet.ParquetFile(self.path) as file:
            for batch in file.iter_batches(ROWS_AT_ONCE):
                for cells in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                    number += 1
                    yield number, cells

    def _json_rows(self) -> Iterator[tuple[int, Cells | None]]:
        with self.path.open(encoding=self.encoding) as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    row = _json_object(line)
                    yield number, None if row is None else [row.get(name) for name in self.headers]


def open_table(path: Path, *, encoding: str = "utf-8-sig", delimiter: str | None = None) -> Table:
    """Return a file with its headers. Raises ImportRefused for one that is empty or can't be read."""
    if path.suffix == ".parquet":
        with parquet.ParquetFile(path) as file:
            return Table(path=path, headers=tuple(file.schema_arrow.names))
    try:
        if path.suffix in (".jsonl", ".ndjson"):
            return Table(path=path, headers=_json_headers(path, encoding), encoding=encoding)
        csv.field_size_limit(CELL_AT_MOST)
        with path.open(newline="", encoding=encoding) as file:
            first = file.readline()
            delimiter = delimiter or max(DELIMITERS, key=first.count)
            file.seek(0)
            headers = tuple(name.strip() for name in next(csv.reader(file, delimiter=delimiter), ()))
    except UnicodeDecodeError:
        raise ImportRefused(
            f"{path.name} is not UTF-8: set `encoding` in its section of the mapping."
        ) from None
    if not any(headers):
        raise ImportRefused(f"{path.name} has no header line.")
    return Table(path=path, headers=headers, delimiter=delimiter, encoding=encoding)


def list_files(folder: Path) -> list[Path]:
    """Return the readable files of a folder. Raises ImportRefused when there is none."""
    if not folder.is_dir():
        raise ImportRefused(f"{folder} is not a folder.")
    files = sorted(filter(_is_readable, folder.iterdir()))
    if not files:
        raise ImportRefused(f"{folder} has no CSV, Parquet or JSON-lines file.")
    return files


def has_files(folder: Path) -> bool:
    """Return whether a folder has files of rows."""
    return any(map(_is_readable, folder.iterdir()))


def _is_readable(path: Path) -> bool:
    return path.suffix in SUFFIXES and path.name not in OUR_OWN


def _json_headers(path: Path, encoding: str) -> tuple[str, ...]:
    names: dict[str, None] = {}
    with path.open(encoding=encoding) as file:
        for _, line in zip(range(1000), file, strict=False):
            names.update(dict.fromkeys(_json_object(line) or ()))
    return tuple(names)


def _json_object(line: str) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
    except json.JSONDecodeError:
        return None
    return row if isinstance(row, dict) else None
