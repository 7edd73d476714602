"""The one CSV exporter: typed cells, and no text that a spreadsheet runs, whatever separator it was opened with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

_FORMULA = "=+\\-@＝＋－＠"
_LEADING = re.compile(rf"^[\s\x00-\x20\u3000\ufeff]*[{_FORMULA}]")
_AFTER_SEPARATOR = re.compile(rf"([;\t\r\n|]\s*)(?=[{_FORMULA}])")
_GAPS = {"NAType", "NaTType"}
_QUOTED = re.compile(r'[",;\t\r\n|]|^\s|\s$')


def guarded(text: str) -> str:
    """Return text in which no cell begins like a formula: not this one, and none that another separator would make."""
    inner = _AFTER_SEPARATOR.sub(r"\1'", text.lstrip("\r\n\t") if _LEADING.match(text) else text)
    return f"'{inner}" if _LEADING.match(text) or text[:1] in ("\t", "\r", "\n") else inner


def number_text(value: Any) -> str:
    """Return a number as text, exactly and without trailing zeros: two exports are compared by it."""
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(int(value)) if isinstance(value, Integral) else repr(float(value))


def _is_missing(value: Any) -> bool:
    """Return whether a value stands for nothing: None, NaN, and the gaps of frames, without loading pandas."""
    if isinstance(value, (Decimal, Real)):
        return value != value  # noqa: PLR0124  only NaN differs from itself
    return value is None or type(value).__name__ in _GAPS


def cell(value: Any) -> str:
    """Return one cell: empty for nothing, ISO 8601 for times, digits for numbers, guarded and quoted text."""
    if _is_missing(value):
        return ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, (Decimal, Real)):
        return number_text(value)
    text = guarded(str(value))
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


def line(values: Iterable[Any]) -> str:
    """Return one line of a file."""
    return ",".join(map(cell, values)) + "\r\n"


def lines(rows: Iterator[Mapping[str, Any]], head: str) -> Iterator[str]:
    """Return a file line by line: the statement of count and control sum, the names, and each row."""
    yield line([head])
    names: list[str] | None = None
    for row in rows:
        if names is None:
            names = list(row)
            yield line(names)
        yield line(row[name] for name in names)


def of_frame(frame: pd.DataFrame) -> bytes:
    """Return a frame as a file: UTF-8 with a mark, names in the first line."""
    rows = frame.astype(object).itertuples(index=False, name=None)
    return "".join([line(map(str, frame.columns)), *map(line, rows)]).encode("utf-8-sig")


def typed_column(values: Sequence[Any]) -> pd.Series:
    """Return a column whose whole numbers stay whole beside gaps: pandas alone would make 6 a 6.0."""
    import pandas as pd  # noqa: PLC0415  processes of the HTTP interface alone never load it

    whole = [value for value in values if value is not None]
    is_whole = whole and all(isinstance(value, int) and not isinstance(value, bool) for value in whole)
    if is_whole and len(whole) < len(values):
        return pd.Series(values, dtype="Int64")
    return pd.Series(values)
