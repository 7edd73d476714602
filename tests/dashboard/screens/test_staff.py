"""The Staff page: who can sign in, and the table of roles that the actions check."""

from streamlit.testing.v1 import AppTest

from dashboard.access import PERMISSIONS, ROLES
from dashboard.screens.staff import answer
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


def test_the_answer_counts_the_people_of_each_role_in_the_order_of_the_roles() -> None:
    assert answer({"viewer": 2, "admin": 1}).startswith("**3 people can sign in**: ")
    assert sorted(answer({"viewer": 2, "admin": 1}).rstrip(".").split(": ")[1].split(", ")) == [
        "1 admin",
        "2 viewer",
    ]
    assert answer({"admin": 1}) == "**1 person can sign in**: 1 admin."
    assert answer({}).startswith("**Nobody can sign in yet**")
