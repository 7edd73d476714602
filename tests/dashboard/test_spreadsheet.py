"""A file that leaves the product runs nothing, whatever separator it is opened with, and keeps types."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pandas as pd
import pytest

from dashboard.spreadsheet import cell, guarded, line, lines, of_frame, typed_column

FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


@pytest.mark.parametrize("start", [*FORMULA, "\t", "\r"])
def test_a_cell_that_a_spreadsheet_would_execute_gets_an_apostrophe(start: str) -> None:
    assert guarded(f"{start}HYPERLINK(1)") == f"'{start}HYPERLINK(1)"
    assert guarded(f"a{start}b") == f"a{start}b"


@pytest.mark.parametrize("start", ["\n", "\r\n", " ", "\t ", "\x00", "\u3000", "\ufeff", "\n\n "])
@pytest.mark.parametrize("formula", FORMULA)
def test_space_before_a_formula_does_not_hide_it(start: str, formula: str) -> None:
    assert guarded(f"{start}{formula}1+1").startswith("'")


@pytest.mark.parametrize(
    "hostile", ["ok;=1+1", "ok\t=1+1", "ok\n=1+1", "ok\r\n=1+1", "a; @x", 'q";=1', "ok|=1"]
)
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_no_cell_is_a_formula_with_any_separator(hostile: str, separator: str) -> None:
    written = line(["before", hostile, 7, "after"])

    for row in csv.reader(io.StringIO(written, newline=""), delimiter=separator):
        assert not [part for part in row if part.strip().strip('"').startswith(FORMULA)]


def test_text_that_holds_a_separator_comes_back_as_it_was() -> None:
    names = ["a;b", "c,d", 'e"f', "g\nh", " i ", "plain"]

    assert next(csv.reader(io.StringIO(line(names), newline=""))) == names


def test_cells_are_typed() -> None:
    at = datetime(2026, 11, 30, 12, tzinfo=UTC)

    assert [cell(value) for value in (6, -5, Decimal("1.50"), 0.25, True, at, date(2026, 1, 2), None)] == [
        "6", "-5", "1.5", "0.25", "True", "2026-11-30T12:00:00+00:00", "2026-01-02", "",
    ]  # fmt: skip


def test_a_whole_number_beside_a_gap_stays_whole() -> None:
    frame = pd.DataFrame({"lot_id": typed_column([6, None, 7]), "share": typed_column([0.5, None, 6.0])})

    assert of_frame(frame).decode("utf-8-sig").splitlines() == ["lot_id,share", "6,0.5", ",", "7,6.0"]


def test_the_first_line_of_a_file_is_its_statement() -> None:
    assert list(lines(iter([{"n": 1}, {"n": 2}]), "rows 2; sum 3")) == [
        '"rows 2; sum 3"\r\n',
        "n\r\n",
        "1\r\n",
        "2\r\n",
    ]
