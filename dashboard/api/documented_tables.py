"""Tables of docs/ that are made from the interface: `python -m dashboard.api.documented_tables` writes them.

Each stands under a mark, `<!-- name -->`; a test fails when one is out of date.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dashboard.api import app, document
from dashboard.api.events_out import EVENTS

DOCS = Path(__file__).parents[2] / "docs"
KEY = "Idempotency-Key"
NOT_COMPARED = {"key", "workspace_id"}


def compared_fields(made: dict[str, Any], operation: dict[str, Any]) -> list[str]:
    """Return the fields of a write that must be equal on a repeat: all but the key and the workspace it belongs to."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    schema = content.get("schema", {})
    reference = schema.get("anyOf", [schema])[0].get("$ref", "")
    body = made["components"]["schemas"].get(reference.rsplit("/", 1)[-1], {})
    in_path = [each["name"] for each in operation.get("parameters", []) if each["in"] == "path"]
    return [name for name in (*in_path, *body.get("properties", {})) if name not in NOT_COMPARED]


def takes_key(operation: dict[str, Any]) -> bool:
    """Return whether an operation has an idempotency key."""
    return any(each["name"] == KEY for each in operation.get("parameters", []))


def compared(made: dict[str, Any]) -> str:
    """Return the table of what makes two requests the same."""
    rows = []
    for _, _, operation in document.operations(made):
        name = operation["operationId"]
        if takes_key(operation):
            rows.append((name, _in_words(compared_fields(made, operation))))
        elif name == "trackMinutes":
            rows.append((name, "each use as in `trackMinute`, without `require_full`"))
        elif name == "createWorkspace":
            words = _in_words(compared_fields(made, operation))
            rows.append((name, f"its id is the key: {words} (409 `workspace_exists`)"))
    return _table(("write", "compared"), rows)


def event_types(_: dict[str, Any]) -> str:
    """Return the table of the events that are posted to endpoints."""
    return _table(("type", "meaning"), [(name, meaning) for name, (meaning, _data) in EVENTS.items()])


TABLES: dict[tuple[str, str], Callable[[dict[str, Any]], str]] = {
    ("integrate.md", "compared"): compared,
    ("events.md", "types"): event_types,
}
"""Page and mark -> what makes the table."""


def with_table(page: str, mark: str, table: str) -> str:
    """Return a page with the table under a mark replaced."""
    pattern = re.compile(rf"(<!-- {mark} -->\n)(?:\|.*\n)+")
    return pattern.sub(lambda matched: matched[1] + table, page, count=1)


def _in_words(fields: list[str]) -> str:
    return ", ".join(f"`{name}`" + (" when you send it" if name == "at" else "") for name in fields)


def _table(head: tuple[str, str], rows: list[tuple[str, str]]) -> str:
    lines = [f"| {head[0]} | {head[1]} |", "|---|---|", *(f"| `{name}` | {words} |" for name, words in rows)]
    return "".join(f"{line}\n" for line in lines)


def _write() -> None:
    made = document.openapi(app)
    for (page, mark), make in TABLES.items():
        path = DOCS / page
        path.write_text(with_table(path.read_text("utf-8"), mark, make(made)), "utf-8")


if __name__ == "__main__":
    _write()
