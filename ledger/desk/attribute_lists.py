"""Lists of attributes: one line per workspace, checked before anything is set."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from ledger.database import query
from ledger.errors import InvalidAttribute
from ledger.minutes.attributes import AttributeValue, number_of, require_attribute, set_attributes

ROWS_AT_MOST = 10_000
REMOVED = "none"
"""Cell value that removes the attribute."""
SEPARATORS = ",;\t"

Changes = Mapping[str, AttributeValue | None]


@dataclass(frozen=True, kw_only=True)
class AttributeRow:
    """One line of a list: what it changes, the values before, and the problem if it can't be applied."""

    line: int
    workspace_id: str
    changes: Changes
    before: Changes
    problem: str = ""


def check_list(db: Connection, text: str) -> list[AttributeRow]:
    """Return the lines of a CSV with a heading `workspace_id, key, key ...`, each with what it would change.

    An empty cell changes nothing, `none` removes the attribute, and what is set already is no change. Raises
    InvalidAttribute for a heading that names no attribute, and for more than 10,000 lines.
    """
    lines = _lines(text)
    if not lines:
        return []
    keys = _keys(lines[0][1])
    if len(lines) > ROWS_AT_MOST + 1:
        raise InvalidAttribute(f"A list has at most {ROWS_AT_MOST:,} rows.")
    known = _known(db, [cells[0] for _, cells in lines[1:]])
    seen: set[str] = set()
    rows = []
    for number, cells in lines[1:]:
        rows.append(_row(number, cells, keys, known, repeated=cells[0] in seen))
        seen.add(cells[0])
    return rows


def apply_list(db: Connection, rows: Sequence[AttributeRow], *, actor: str, at: datetime) -> int:
    """Apply the lines without a problem, and return the number of changed workspaces."""
    changing = [row for row in rows if row.changes and not row.problem]
    for row in changing:
        set_attributes(db, row.workspace_id, row.changes, actor=actor, at=at)
    return len(changing)


def _lines(text: str) -> list[tuple[int, list[str]]]:
    """Return the lines that are not empty, in cells, with their numbers."""
    plain = text.lstrip("\ufeff")
    first = plain.partition("\n")[0]
    separator = max(SEPARATORS, key=first.count)
    cells = csv.reader(io.StringIO(plain), delimiter=separator, skipinitialspace=True)
    lines = [(cells.line_num, [cell.strip() for cell in line]) for line in cells]
    return [(number, line) for number, line in lines if any(line)]


def _keys(heading: Sequence[str]) -> list[str]:
    keys = [name.lower().replace(" ", "_") for name in heading[1:]]
    if heading[0].lower().replace(" ", "_") not in {"workspace", "workspace_id"} or not keys:
        raise InvalidAttribute("The first line must name the columns: workspace_id, then the attributes.")
    if len(set(keys)) < len(keys):
        raise InvalidAttribute("The first line repeats a column.")
    for key in keys:
        require_attribute(key, None)
    return keys


def _known(db: Connection, workspace_ids: Sequence[str]) -> dict[str, Changes]:
    rows = db.execute(query("attributes_of_workspaces"), {"workspace_ids": list(workspace_ids)})
    return {row.workspace_id: row.attributes for row in rows}


def _row(
    number: int, cells: Sequence[str], keys: Sequence[str], known: Mapping[str, Changes], *, repeated: bool
) -> AttributeRow:
    workspace_id = cells[0]
    before = known.get(workspace_id, {})
    problem = ""
    changes: dict[str, AttributeValue | None] = {}
    if len(cells) > len(keys) + 1:
        problem = "more cells than the first line"
    elif workspace_id not in known:
        problem = "no such workspace"
    elif repeated:
        problem = "the workspace is listed twice"
    else:
        wanted = {
            key: None if cell.lower() == REMOVED else number_of(cell)
            for key, cell in zip(keys, cells[1:], strict=False)
            if cell
        }
        try:
            changes = {key: require_attribute(key, value) for key, value in wanted.items()}
        except InvalidAttribute as error:
            problem = str(error)
    changed = {key: value for key, value in changes.items() if before.get(key) != value}
    return AttributeRow(
        line=number, workspace_id=workspace_id, changes=changed, before=before, problem=problem
    )
