"""Bulk grants: the answer in each case, and lists as people paste them."""

import pytest

from dashboard.screens.batch import answer, read_list
from ledger.desk.bulk_grants import GrantRequest


@pytest.mark.parametrize("separator", [",", ";", "\t", " ", " , "])
def test_lines_are_read_with_any_usual_separator(separator: str) -> None:
    assert read_list(f"ws_1{separator}60\n\nws_2{separator}30\n") == [
        GrantRequest(1, "ws_1", 60),
        GrantRequest(3, "ws_2", 30),
    ]


def test_a_heading_is_skipped_and_quotes_are_understood() -> None:
    assert read_list('workspace_id,minutes\n"ws_1","60"') == [GrantRequest(2, "ws_1", 60)]


@pytest.mark.parametrize("minutes", ["", "ten", "1.5", "1e3", "=60", "9" * 30, "٣"])
def test_what_is_no_whole_number_stays_visible_as_a_problem(minutes: str) -> None:
    assert read_list(f"ws_1;{minutes}") == [GrantRequest(1, "ws_1", None)]


def test_a_line_of_one_word_has_no_minutes() -> None:
    assert read_list("ws_1") == [GrantRequest(1, "ws_1", None)]


@pytest.mark.parametrize("start", ["\n", "\n\n  \n", "\ufeff", "\ufeff\n"])
def test_a_heading_after_blank_lines_is_a_heading(start: str) -> None:
    assert [one.workspace_id for one in read_list(f"{start}Workspace ID;Minutes\nws_1;60")] == ["ws_1"]
    assert [one.workspace_id for one in read_list("ws_1;60\nworkspace;5")] == ["ws_1", "workspace"]


@pytest.mark.parametrize(
    "line", ["ws_0001, 1,000", "ws_0001,1,000", "ws_0001 1 000", "ws_x, 7 ,extra", "ws;7;;x"]
)
def test_a_line_with_surplus_cells_is_refused_and_never_half_a_number(line: str) -> None:
    (row,) = read_list(line)

    assert row.minutes is None
    assert "more than two cells" in row.problem


@pytest.mark.parametrize("line", ["ws_1;1,000", 'ws_1, "1,000"', "ws_1\t1,000", "ws_1;1000;"])
def test_a_thousand_in_one_cell_is_a_thousand(line: str) -> None:
    assert read_list(line) == [GrantRequest(1, "ws_1", 1000)]


@pytest.mark.parametrize("said", ["1,00", "10,0000", ",100", "1,000,", "1,0000"])
def test_a_misplaced_separator_is_no_number(said: str) -> None:
    assert read_list(f"ws_1;{said}") == [GrantRequest(1, "ws_1", None)]


@pytest.mark.parametrize(
    ("saved", "waiting", "blocked", "said"),
    [
        (
            0,
            0,
            0,
            "**No lists yet**: paste or upload one. Every row is checked before any minutes are granted.",
        ),
        (2, 0, 0, "**2 lists** saved, all of them granted."),
        (2, 1, 0, "**1 list not fully granted yet**."),
        (3, 2, 1, "**2 lists not fully granted yet**; 1 needs a second person."),
    ],
)
def test_the_answer_says_which_lists_still_have_work_to_do(saved, waiting, blocked, said) -> None:
    assert answer(saved=saved, waiting=waiting, blocked=blocked) == said
