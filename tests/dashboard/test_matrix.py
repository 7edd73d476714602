"""The document of permissions names every page and every action."""

from dashboard.actions import ACTIONS
from dashboard.matrix import document
from dashboard.navigation import ENTRIES


def test_every_page_and_every_action_has_its_line() -> None:
    lines = document().splitlines()

    assert all(
        any(line.startswith(f"| `{name}` | `{needed}` |") for line in lines)
        for name, needed in ACTIONS.items()
    )
    assert all(any(f"`pages/{entry.file}.py`" in line for line in lines) for entry in ENTRIES)
