"""Lists as people paste them."""

import pytest

from dashboard.screens.batch import read_list
from ledger.desk.bulk_grants import Wish


@pytest.mark.parametrize("separator", [",", ";", "\t", " ", " , "])
def test_lines_are_read_with_any_usual_separator(separator: str) -> None:
    assert read_list(f"ws_1{separator}60\n\nws_2{separator}30\n") == [
        Wish(1, "ws_1", 60),
        Wish(3, "ws_2", 30),
    ]


def test_a_heading_is_skipped_and_quotes_are_understood() -> None:
    assert read_list('workspace_id,minutes\n"ws_1","60"') == [Wish(2, "ws_1", 60)]


@pytest.mark.parametrize("minutes", ["", "ten", "1.5", "1e3", "=60", "9" * 30, "٣"])
def test_what_is_no_whole_number_stays_visible_as_a_problem(minutes: str) -> None:
    assert read_list(f"ws_1;{minutes}") == [Wish(1, "ws_1", None)]


def test_a_line_of_one_word_has_no_minutes() -> None:
    assert read_list("ws_1") == [Wish(1, "ws_1", None)]
