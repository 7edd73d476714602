"""Mappings from other systems' columns to ours: a TOML file with one section per file."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ledger.errors import ImportRefused
from ledger.minutes.attributes import is_attribute_key
from ledger.transfer.layouts import LAYOUTS, columns_of

MAPPING_FILE = "mapping.toml"
UNANSWERED = "?"
CHOICES: Mapping[str, tuple[str, ...]] = {
    "unit": ("minutes", "seconds"),
    "rounding": ("up", "nearest", "down"),
    "decimal": (".", ","),
    "amounts": ("cents", "decimal"),
    "duplicates": ("drop", "keep"),
    "repeated_hour": ("first", "second"),
    "refund_time": ("paid_at",),
}
"""Settings with a fixed list of values. `dates` also accepts patterns, `timezone` the names of zones."""
DATES = ("iso", "day-first", "month-first", "epoch-seconds", "epoch-milliseconds")
HEADING = """# How `import` reads these files: one section for each file. Answer every "?" and run the command again.
# columns: ours = theirs. values: theirs = ours. only: rows with these values are read, others are skipped.
# constants: the same value for every row. A file with kind "none" is left out.
"""


@dataclass(frozen=True, kw_only=True)
class FileMapping:
    """How one file is read. None: the setting is not needed; "?": it needs an answer."""

    file: str
    kind: str
    columns: Mapping[str, str] = field(default_factory=dict)
    timezone: str | None = None
    dates: str | None = None
    time_of_day: str | None = None
    repeated_hour: str | None = None
    unit: str | None = None
    rounding: str | None = None
    decimal: str | None = None
    amounts: str | None = None
    duplicates: str | None = None
    refund_time: str | None = None
    delimiter: str | None = None
    encoding: str | None = None
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def unanswered(self) -> list[str]:
        """The settings and columns that need an answer, as named in the mapping file."""
        settings = [name for name in SETTINGS if getattr(self, name) == UNANSWERED]
        columns = [f"columns.{ours}" for ours, theirs in self.columns.items() if theirs == UNANSWERED]
        return (["kind"] if self.kind == UNANSWERED else []) + settings + columns


SETTINGS = tuple(
    each.name
    for each in fields(FileMapping)
    if each.name not in ("file", "kind", "columns", "constants", "values", "only")
)
TABLES = ("columns", "constants", "values", "only")


def load_mapping(path: Path) -> dict[str, FileMapping]:
    """Return the mapping of each file that a TOML file names. Raises ImportRefused that names what is wrong."""
    try:
        return parse_mapping(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ImportRefused(f"{path} can't be read: {error}") from None


def parse_mapping(text: str) -> dict[str, FileMapping]:
    """Return the mapping of each file that a text names, as `load_mapping` does."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ImportRefused(f"The mapping can't be read: {error}") from None
    return {file: mapping_of(file, section) for file, section in document.items()}


def mapping_of(file: str, section: Any) -> FileMapping:
    """Return the mapping of one file from its section. Raises ImportRefused."""
    if not isinstance(section, dict) or "kind" not in section:
        raise ImportRefused(f'The section ["{file}"] of the mapping needs a kind.')
    if unknown := sorted(section.keys() - {"kind", *SETTINGS, *TABLES}):
        raise ImportRefused(f'["{file}"] has no setting {unknown[0]!r}.')
    only = {
        column: tuple(map(str, values if isinstance(values, list) else [values]))
        for column, values in section.get("only", {}).items()
    }
    mapping = FileMapping(file=file, **{**section, "only": only})
    _check(mapping)
    return mapping


def _check(mapping: FileMapping) -> None:
    where = f'["{mapping.file}"]'
    if mapping.kind in (UNANSWERED, "none"):
        return
    known = columns_of(mapping.kind)
    for ours in (*mapping.columns, *mapping.constants):
        if ours not in known and not (LAYOUTS[mapping.kind].open_ended and is_attribute_key(ours)):
            raise ImportRefused(
                f"{where}: {mapping.kind} have no column {ours!r}; they have {', '.join(known)}."
            )
    for name, choices in CHOICES.items():
        if (value := getattr(mapping, name)) not in (None, UNANSWERED, *choices):
            raise ImportRefused(f"{where}: {name} must be one of {', '.join(choices)}, not {value!r}.")
    if mapping.dates not in (None, UNANSWERED, *DATES) and "%" not in str(mapping.dates):
        raise ImportRefused(
            f"{where}: dates must be one of {', '.join(DATES)}, or a pattern such as %d.%m.%Y %H:%M."
        )
    if mapping.timezone not in (None, UNANSWERED):
        try:
            ZoneInfo(str(mapping.timezone))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ImportRefused(f"{where}: {mapping.timezone!r} is not a known time zone.") from None


def written_mapping(mappings: Iterable[FileMapping]) -> str:
    """Return the mappings as the text of a TOML file."""
    return HEADING + "".join(f"\n{_section(mapping)}" for mapping in mappings)


def _section(mapping: FileMapping) -> str:
    name = json.dumps(mapping.file, ensure_ascii=False)
    lines = [f"[{name}]", f"kind = {_toml(mapping.kind)}"]
    set_here = {name: value for name in SETTINGS if (value := getattr(mapping, name)) is not None}
    lines += [f"{name} = {_toml(value)}{_choices(name, value)}" for name, value in set_here.items()]
    for table in ("columns", "constants", "only"):
        if content := getattr(mapping, table):
            lines += ["", f"[{name}.{table}]"]
            lines += [f"{_toml(ours)} = {_toml(theirs)}" for ours, theirs in content.items()]
    for column, content in mapping.values.items():
        lines += ["", f"[{name}.values.{column}]"]
        lines += [f"{_toml(theirs)} = {_toml(ours)}" for theirs, ours in content.items()]
    return "\n".join(lines) + "\n"


def _choices(setting: str, value: str) -> str:
    if value != UNANSWERED:
        return ""
    choices = {
        "dates": (*DATES, "a pattern"),
        "timezone": ("UTC", "Europe/Berlin", "..."),
        "time_of_day": ("12:00",),
    }
    return f"  # {', '.join(CHOICES.get(setting) or choices[setting])}"


def _toml(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, ensure_ascii=False)


def answered(mapping: FileMapping, answers: Mapping[str, str]) -> FileMapping:
    """Return the mapping with answers to its questions: settings, or `columns.NAME`. Raises ImportRefused."""
    columns = dict(mapping.columns)
    settings = {}
    for name, answer in answers.items():
        if name.startswith("columns."):
            columns[name.removeprefix("columns.")] = answer
        else:
            settings[name] = answer
    new: FileMapping = replace(mapping, columns=columns, **settings)  # type: ignore[arg-type]
    _check(new)
    return new
