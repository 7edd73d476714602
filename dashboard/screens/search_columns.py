"""The columns of the Workspaces table: one entry of COLUMNS each, with its heading, its widths and its cell."""

from collections.abc import Callable, Iterable
from html import escape
from typing import Any, NamedTuple

from sqlalchemy import Connection

from dashboard.clock import now
from dashboard.kit import usage
from dashboard.kit.labels import plan_name
from dashboard.text import ago, day, minutes, moment
from ledger.desk import WorkspaceMatch

NEED_NAMES = {
    "blocked": "Blocked",
    "low": "Running low",
    "extra": "Extra minutes",
    "plan": "Fine",
    "": "No minutes",
}


def heading() -> str:
    """Return the heading of the table as HTML."""
    cells = [("", "Workspace"), *((each.css_class, each.name) for each in COLUMNS)]
    return _row("row heading", cells)


def line(db: Connection, row: WorkspaceMatch) -> str:
    """Return the cells of one workspace as HTML."""
    return _row("row", ((each.css_class, each.cell(db, row)) for each in COLUMNS))


def cells(row: WorkspaceMatch, keys: Iterable[str], *, private: bool) -> dict[str, Any]:
    """Return a workspace as a line of the file, with these attributes. `private`: with its name and address.

    An attribute that is called as a column is named `attribute_...`.
    """
    columns = {
        "workspace_id": row.workspace_id,
        **({"name": row.name, "owner_email": row.owner_email} if private else {}),
        "source": row.source,
        "plan": row.plan,
        "billing_cycle": row.billing_cycle,
        "used_percent": _used(row).percent,
        "minutes_left": _used(row).left,
        "plan_minutes": row.plan_minutes,
        "extra_minutes": row.extra_minutes,
        "last_activity": row.active_at,
        "state": NEED_NAMES[need_of(row)],
    }
    known = {f"attribute_{key}" if key in columns else key: row.attributes.get(key) for key in keys}
    return {**columns, **known}


def _row(css_class: str, cells: Iterable[tuple[str, str]]) -> str:
    widths = " ".join(each.width for each in COLUMNS)
    on_a_phone = " ".join(each.width_on_a_phone for each in COLUMNS)
    drawn = "".join(f'<span class="{of_cell}">{cell}</span>' for of_cell, cell in cells)
    return f'<div class="{css_class}" style="--widths:{widths};--phone-widths:{on_a_phone}">{drawn}</div>'


def need_of(row: WorkspaceMatch) -> str:
    """Return `blocked`, `low`, `extra` or `plan`; nothing where no minutes were ever credited."""
    used = _used(row)
    if used.state == "empty":
        return "blocked" if row.limit_hit else ""
    return used.state


def _used(row: WorkspaceMatch) -> usage.Usage:
    return usage.Usage(row.plan_minutes, row.extra_minutes, row.gauge_base)


def _plan(db: Connection, row: WorkspaceMatch) -> str:
    return escape(plan_name(db, row.plan) if row.plan else "–")


def _bar(_: Connection, row: WorkspaceMatch) -> str:
    return usage.bar(_used(row))


def _left(_: Connection, row: WorkspaceMatch) -> str:
    return f"<b>{minutes(_used(row).left)}</b>"


def _activity(_: Connection, row: WorkspaceMatch) -> str:
    if row.active_at is None:
        return "never"
    return f'<span title="{escape(moment(row.active_at))}">{escape(ago(row.active_at, now()))}</span>'


def _state(_: Connection, row: WorkspaceMatch) -> str:
    state = need_of(row)
    since = f' title="since {escape(day(row.hit_at))}"' if state == "blocked" and row.hit_at else ""
    return f'<span class="pill {state or "none"}"{since}>{NEED_NAMES[state]}</span>'


class WorkspaceColumn(NamedTuple):
    """One column: its heading, its widths as CSS, the HTML of a cell, and the class of its cells."""

    name: str
    width: str
    width_on_a_phone: str
    cell: Callable[[Connection, WorkspaceMatch], str]
    css_class: str = ""


COLUMNS = (
    WorkspaceColumn("Plan", "5rem", "3.5rem", _plan),
    WorkspaceColumn("Used", "minmax(6rem, 1fr)", "minmax(3rem, 1fr)", _bar),
    WorkspaceColumn("Left", "6rem", "5rem", _left, css_class="number"),
    WorkspaceColumn("Last activity", "7rem", "4.5rem", _activity),
    WorkspaceColumn("State", "8rem", "auto", _state),
)
"""In their order on the screen; the name of the workspace stands before them."""
