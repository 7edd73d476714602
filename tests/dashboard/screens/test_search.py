"""Highlighting: the match in bold, everything else letter by letter."""

import pytest

from dashboard.screens.search import highlighted, sentence
from dashboard.text import unlinked


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


def test_an_address_in_a_result_is_no_link_beside_the_one_to_the_workspace() -> None:
    assert unlinked(highlighted("bo@acme.example", "")) == r"bo:gray[@]acme\.example"
    assert unlinked(highlighted("bo@acme.example", "acme")) == r"bo:gray[@]**acme**\.example"


@pytest.mark.parametrize(
    ("blocked", "low", "said"),
    [
        (0, 0, "No workspace is blocked or runs low."),
        (0, 2, "No workspace is blocked; **2 run low**."),
        (1, 0, "**1 workspace is blocked** now."),
        (2, 1, "**2 workspaces are blocked** now; 1 runs low."),
        (1_000, 999, "**1,000+ workspaces are blocked** now; 999 run low."),
    ],
)
def test_the_page_answers_who_needs_help(blocked: int, low: int, said: str) -> None:
    assert sentence({"blocked": blocked, "low": low}) == said
