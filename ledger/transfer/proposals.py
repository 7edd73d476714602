"""Proposes a mapping from the headers and first rows of a file, with the questions that remain."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from ledger.minutes.attributes import is_attribute_key
from ledger.transfer.layouts import LAYOUTS, Column, Layout
from ledger.transfer.mapping import SETTINGS, UNANSWERED, FileMapping, answered
from ledger.transfer.tables import Cells, Table, open_table
from ledger.transfer.values import NUMBERED

LOOKED_AT = 5_000
SHOWN = 5
MONTHS = 12
_OFFSET = re.compile(r"(Z|[+-]\d{2}:?\d{2})$")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_IN_BRACKETS = re.compile(r"\(([^)]*)\)")
_WITH_THOUSANDS = re.compile(r"-?\d{1,3}([.,]\d{3})+")


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """One file as the import understands it: the mapping, the first rows, and the reason for each question."""

    table: Table
    mapping: FileMapping
    first_rows: tuple[Cells, ...]
    questions: tuple[str, ...] = ()


def propose(path: Path) -> Proposal:
    """Return the mapping that headers and first rows suggest, with "?" where they are ambiguous."""
    table = open_table(path)
    rows = [cells for _, cells in islice(table.rows(), LOOKED_AT) if cells is not None]
    layout = _layout_of(path, table.headers)
    if layout is None:
        mapping = FileMapping(file=path.name, kind=UNANSWERED)
    else:
        mapping = _with_settings(_with_columns(path, layout, table.headers), table, rows)
    return review(table, mapping, rows)


def review(table: Table, mapping: FileMapping, rows: Sequence[Cells]) -> Proposal:
    """Return a mapping beside its file, with a sentence for each question that is open."""
    questions = [
        f'["{mapping.file}"] {name}: {WHY.get(name.split(".")[0], "")}' for name in mapping.unanswered
    ]
    return Proposal(table=table, mapping=mapping, first_rows=tuple(rows[:SHOWN]), questions=tuple(questions))


WHY = {
    "kind": f"which kind of file is this? One of {', '.join(LAYOUTS)}, or none to leave it out.",
    "columns": "no header says which column this is; write its header, or remove the line and use [constants].",
    "timezone": "times have no offset; name their time zone, such as UTC or Europe/Berlin.",
    "dates": "day and month are ambiguous; choose day-first or month-first.",
    "time_of_day": "days have no time; set the time of day at which to book them, such as 12:00.",
    "unit": "the header does not say whether these are minutes or seconds.",
    "rounding": "values have fractions of minutes; choose how to round them: up, nearest or down.",
    "decimal": "a sign could separate thousands or decimals; choose . or , as the decimal sign.",
    "amounts": "whole amounts are ambiguous; choose cents or decimal.",
    "duplicates": "equal rows have no id; choose drop (copies) or keep (separate uses).",
    "refund_time": "refunds have no date; choose paid_at to book them at the time of the payment.",
}


def answered_by(proposal: Proposal, answers: Mapping[str, str]) -> FileMapping:
    """Return the mapping with answers to its questions: settings, or `columns.NAME` with a header or a text.

    A text holds for all rows. A kind or a column that is now known may have questions of its own, such as the form
    of its dates.
    Raises ImportRefused.
    """
    table, known = proposal.table, proposal.mapping
    rows = [cells for _, cells in islice(table.rows(), LOOKED_AT) if cells is not None]
    if known.kind == UNANSWERED and (kind := answers.get("kind")) in LAYOUTS:
        return _with_settings(_with_columns(table.path, LAYOUTS[kind], table.headers), table, rows)
    is_text = {
        name
        for name, answer in answers.items()
        if name.startswith("columns.") and answer not in (UNANSWERED, *table.headers)
    }
    new = answered(known, {name: answer for name, answer in answers.items() if name not in is_text})
    texts = {name.removeprefix("columns."): answers[name] for name in is_text}
    columns = {name: theirs for name, theirs in new.columns.items() if name not in texts}
    new = replace(new, columns=columns, constants={**new.constants, **texts})
    if new.kind not in LAYOUTS:
        return new
    suggested = _with_settings(new, table, rows)
    missing = {name: getattr(suggested, name) for name in SETTINGS if getattr(new, name) is None}
    return replace(new, **missing)


def _layout_of(path: Path, headers: Sequence[str]) -> Layout | None:
    """Return the kind whose required columns are present; the file's name decides between several."""
    stem = path.stem.lower()
    if stem in LAYOUTS:
        return LAYOUTS[stem]
    scores = {}
    for layout in LAYOUTS.values():
        required = [column for column in layout.columns if column.required]
        present = sum(_header_of(column, headers) is not None for column in required)
        named = any(hint in stem for hint in layout.hints)
        scores[layout.kind] = (named, present / len(required))
    best = max(scores, key=lambda kind: scores[kind])
    named, share = scores[best]
    return LAYOUTS[best] if named or share == 1 else None


def _with_columns(path: Path, layout: Layout, headers: Sequence[str]) -> FileMapping:
    columns: dict[str, str] = {}
    for column in layout.columns:
        left = [header for header in headers if header not in columns.values()]
        header = _header_of(column, left)
        if header is not None:
            columns[column.name] = header
        elif column.required and not (column.name == "currency" and layout.kind != "purchases"):
            columns[column.name] = UNANSWERED
    if layout.open_ended:
        free = [each for each in headers if each not in columns.values() and is_attribute_key(_plain(each))]
        columns |= {_plain(each): each for each in free}
    return FileMapping(file=path.name, kind=layout.kind, columns=columns)


def _header_of(column: Column, headers: Sequence[str]) -> str | None:
    """Return the header that names a column; spaces, hyphens and case make no difference."""
    plain = {_plain(header).replace("_", ""): header for header in reversed(headers)}
    for name in (column.name, *column.names):
        if (joined := name.replace("_", "")) in plain:
            return plain[joined]
    return None


def _plain(header: str) -> str:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", _IN_BRACKETS.sub("", header))
    return re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")


def _with_settings(mapping: FileMapping, table: Table, rows: Sequence[Cells]) -> FileMapping:
    cells: dict[str, list[Any]] = {}
    headers: dict[str, list[str]] = {}
    for column in LAYOUTS[mapping.kind].columns:
        theirs = mapping.columns.get(column.name)
        if theirs in table.headers:
            place = table.headers.index(theirs)
            cells.setdefault(column.form, []).extend(
                row[place] for row in rows if row[place] not in (None, "")
            )
            headers.setdefault(column.form, []).append(theirs)
    settings: dict[str, Any] = {}
    if times := cells.get("time"):
        settings |= _time_settings(times, headers["time"])
    numbers = [
        str(cell) for form in ("minutes", "money") for cell in cells.get(form, []) if isinstance(cell, str)
    ]
    settings["decimal"] = _decimal_sign(numbers)
    if minutes := cells.get("minutes"):
        settings |= _minute_settings(minutes, headers["minutes"], settings["decimal"])
    if money := cells.get("money"):
        settings["amounts"] = _amounts(money, headers["money"])
    if mapping.kind == "uses" and "key" not in mapping.columns and len(set(map(tuple, rows))) < len(rows):
        settings["duplicates"] = UNANSWERED
    if "refunded_cents" in mapping.columns and "refunded_at" not in mapping.columns:
        settings["refund_time"] = UNANSWERED
    delimiter = (
        table.delimiter if table.path.suffix in (".csv", ".tsv", ".txt") and table.delimiter != "," else None
    )
    return replace(mapping, delimiter=delimiter, **settings)


def _time_settings(cells: Sequence[Any], headers: Sequence[str]) -> dict[str, str | None]:
    texts = [str(cell).strip() for cell in cells if not isinstance(cell, date)]
    typed = [cell for cell in cells if isinstance(cell, date)]
    naive = any(not _OFFSET.search(text) for text in texts) or any(
        (isinstance(cell, datetime) and cell.tzinfo is None) or not isinstance(cell, datetime)
        for cell in typed
    )
    dates = _date_form(texts)
    days = any(":" not in text for text in texts) or any(not isinstance(cell, datetime) for cell in typed)
    epoch = dates is not None and dates.startswith("epoch")
    in_utc = all("utc" in header.lower() or "gmt" in header.lower() for header in headers)
    return {
        "dates": None if dates == "iso" else dates,
        "timezone": None if epoch or not naive else "UTC" if in_utc else UNANSWERED,
        "time_of_day": UNANSWERED if days and not epoch else None,
    }


def _date_form(texts: Sequence[str]) -> str | None:
    if not texts or all(_ISO.match(text) for text in texts):
        return "iso"
    if all(text.isdigit() for text in texts):
        return (
            "epoch-milliseconds" if all(len(text) > len("1700000000") for text in texts) else "epoch-seconds"
        )
    matches = [NUMBERED.match(text) for text in texts]
    if not all(matches):
        return UNANSWERED
    first = any(each and int(each[1]) > MONTHS for each in matches)
    second = any(each and int(each[2]) > MONTHS for each in matches)
    if first == second:
        return UNANSWERED
    return "day-first" if first else "month-first"


def _decimal_sign(texts: Sequence[str]) -> str | None:
    """Return the decimal sign that the cells prove; None without decimals."""
    signed = [text for text in texts if "," in text or "." in text]
    if not signed:
        return None
    last = {
        max(text.rfind(","), text.rfind(".")) >= 0 and text[max(text.rfind(","), text.rfind("."))]
        for text in signed
        if not _WITH_THOUSANDS.fullmatch(text)
    }
    if len(last) == 1:
        sign = str(last.pop())
        return None if sign == "." else sign
    return UNANSWERED


def _minute_settings(
    cells: Sequence[Any], headers: Sequence[str], decimal: str | None
) -> dict[str, str | None]:
    names = " ".join(headers).lower()
    seconds, minutes = "sec" in names, "min" in names
    unit = UNANSWERED if seconds == minutes else "seconds" if seconds else None
    parts = seconds or any(
        (isinstance(cell, float) and cell != int(cell))
        or (isinstance(cell, str) and (decimal or ".") in cell)
        for cell in cells
    )
    return {"unit": unit, "rounding": UNANSWERED if parts else None}


def _amounts(cells: Sequence[Any], headers: Sequence[str]) -> str:
    if all("cents" in header.lower() for header in headers):
        return "cents"
    written_with_parts = any(
        not isinstance(cell, int) and re.search(r"[.,]\d{1,2}$", str(cell)) for cell in cells
    )
    return "decimal" if written_with_parts else UNANSWERED
