"""The permission matrix as a document: `python -m dashboard.matrix` writes docs/permissions.md."""

from pathlib import Path

from dashboard.__main__ import load_modules
from dashboard.access import PERMISSIONS, ROLES
from dashboard.actions import ACTIONS
from dashboard.navigation import ENTRIES

FILE = Path(__file__).parent.parent / "docs" / "permissions.md"
HEAD = """# Who may do what

Made by `python -m dashboard.matrix` from the tables the dashboard itself asks; a test fails when it is out of date.
Every page checks its permission when it is opened, every action again when it is carried out: hidden is not forbidden.
Grants and refunds above the limits of a role (Staff and keys, Limits) wait for a second person, and nobody decides
their own request.
"""


def document() -> str:
    """Return the whole document: permissions, pages and actions, each by role."""
    load_modules()
    pages = {f"{entry.title} (`pages/{entry.file}.py`)": entry.permission for entry in ENTRIES}
    actions = {f"`{name}`": permission for name, permission in sorted(ACTIONS.items())}
    sentences = {sentence: permission for permission, sentence in PERMISSIONS.items()}
    parts = [
        HEAD,
        _table("Permission", sentences),
        "\n## Pages\n",
        _table("Page", pages),
        "\n## Actions\n",
        _table("Action", actions),
    ]
    return "\n".join(parts) + "\n"


def _table(heading: str, rows: dict[str, str]) -> str:
    lines = [f"| {heading} | needs | {' | '.join(ROLES)} |", f"|---|---|{'---|' * len(ROLES)}"]
    for name, permission in rows.items():
        marks = " | ".join("yes" if permission in granted else "–" for granted in ROLES.values())
        lines.append(f"| {name} | `{permission}` | {marks} |")
    return "\n".join(lines)


if __name__ == "__main__":
    FILE.write_text(document(), "utf-8")
