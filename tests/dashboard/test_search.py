"""Highlighting: the match in bold, everything else letter by letter."""

import pytest

from dashboard.search import highlighted


@pytest.mark.parametrize(
    ("text", "part", "shown"),
    [
        ("Blue Harbor", "harb", "Blue **Harb**or"),
        ("Blue Harbor", "", "Blue Harbor"),
        ("Blue Harbor", "xyz", "Blue Harbor"),
        ("a*b", "*", r"a**\***b"),
        ("**x**", "x", r"\*\***x**\*\*"),
        ("Stu studio STU", "stu", "**Stu** **stu**dio **STU**"),
        ("(a) b", "(a", r"**\(a**\) b"),
    ],
)
def test_every_occurrence_is_bold_whatever_its_case_and_markup_stays_text(
    text: str, part: str, shown: str
) -> None:
    assert highlighted(text, part) == shown
