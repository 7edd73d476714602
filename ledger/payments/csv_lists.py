"""CSV lists from people, read line by line. The caller checks the columns."""

import csv
import io
from collections.abc import Iterator
from typing import NamedTuple


class CsvLine(NamedTuple):
    """One line: its number in the file, its cells by column, and whether it has more cells than there are columns."""

    number: int
    cells: dict[str, str]
    has_surplus: bool


def read_csv(text: str) -> tuple[list[str], Iterator[CsvLine]]:
    """Return the columns of the first line, and the other lines. Names and cells are trimmed."""
    reader = csv.DictReader(io.StringIO(text.lstrip("\ufeff")), skipinitialspace=True)
    return [(name or "").strip() for name in reader.fieldnames or []], _lines(reader)


def _lines(reader: "csv.DictReader[str]") -> Iterator[CsvLine]:
    for row in reader:
        cells = {name.strip(): (value or "").strip() for name, value in row.items() if name is not None}
        yield CsvLine(reader.line_num, cells, None in row)
