"""Tables: what leaves as CSV is harmless, also for numbers, dates and empty cells."""

from dataclasses import dataclass

import pandas as pd

from dashboard.tables import csv, from_rows, safe


@dataclass
class Row:
    """A row with more fields than are shown."""

    name: str
    minutes: int | None
    secret: str = "hidden"


def test_formulas_in_cells_are_text_and_negative_numbers_stay_numbers() -> None:
    frame = from_rows([Row("=HYPERLINK(1)", -5), Row("-2+3", None)], ("name", "minutes"))

    written = csv(frame).decode("utf-8-sig")

    assert written.splitlines() == ["name,minutes", "'=HYPERLINK(1),-5.0", "'-2+3,"]
    assert "hidden" not in written


def test_only_text_is_changed_and_the_frame_itself_is_not() -> None:
    frame = pd.DataFrame({"text": ["=1"], "number": [-1]})

    assert safe(frame)["text"].tolist() == ["'=1"]
    assert safe(frame)["number"].tolist() == [-1]
    assert frame["text"].tolist() == ["=1"]


def test_a_table_without_rows_has_its_columns() -> None:
    assert list(from_rows([], ("name", "minutes")).columns) == ["name", "minutes"]
