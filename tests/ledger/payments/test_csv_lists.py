"""Lists as spreadsheets write them: a mark at the beginning, spaces, empty lines, cells too few and too many."""

import pytest

from ledger.payments.csv_lists import CsvLine, read_csv


def test_lines_have_their_number_in_the_file_and_cells_without_outer_spaces() -> None:
    columns, lines = read_csv('\ufeffworkspace_id , minutes\n w1, "1,000" \n\nw2,5\n')

    assert columns == ["workspace_id", "minutes"]
    assert list(lines) == [
        CsvLine(2, {"workspace_id": "w1", "minutes": "1,000"}, False),
        CsvLine(4, {"workspace_id": "w2", "minutes": "5"}, False),
    ]


@pytest.mark.parametrize(
    ("line", "cells", "has_surplus"),
    [
        ("w1", {"a": "w1", "b": ""}, False),
        ("w1,2", {"a": "w1", "b": "2"}, False),
        ("w1,2,3", {"a": "w1", "b": "2"}, True),
        ("w1,2,", {"a": "w1", "b": "2"}, True),
    ],
)
def test_a_line_with_fewer_or_more_cells_than_columns(
    line: str, cells: dict[str, str], has_surplus: bool
) -> None:
    _, lines = read_csv(f"a,b\n{line}\n")

    assert list(lines) == [CsvLine(2, cells, has_surplus)]


def test_an_empty_text_has_no_columns_and_no_lines() -> None:
    columns, lines = read_csv("")

    assert (columns, list(lines)) == ([], [])
