"""The table of roles on the Staff page is the one the actions ask."""

from streamlit.testing.v1 import AppTest

from dashboard.access import PERMISSIONS, ROLES
from tests.pages.visits import PATIENCE_SECONDS

PROBE = """
from dashboard.screens import staff
staff.matrix()
"""


def test_every_permission_is_a_line_with_a_mark_for_each_role_that_has_it() -> None:
    lines = (
        AppTest.from_string(PROBE, default_timeout=PATIENCE_SECONDS).run().markdown[0].value.splitlines()[2:]
    )

    assert len(lines) == len(PERMISSIONS)
    for permission, line in zip(PERMISSIONS, lines, strict=True):
        assert [mark.strip() == "✓" for mark in line.split("|")[2:-1]] == [
            permission in granted for granted in ROLES.values()
        ]
