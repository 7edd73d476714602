"""Tables: what leaves as CSV is harmless, also for numbers, dates and empty cells."""

from dataclasses import dataclass

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.tables import csv, from_rows, heading, safe
from tests.pages.visits import PATIENCE_SECONDS


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


@pytest.mark.parametrize(
    ("name", "moments", "read"),
    [
        ("workspace_id", False, "Workspace"),
        ("billing_cycle", False, "Billing cycle"),
        ("value_cents", False, "Value (cents)"),
        ("paid_at", True, "Paid (UTC)"),
        ("at", True, "When (UTC)"),
    ],
)
def test_columns_are_headed_by_words_and_units(name: str, moments: bool, read: str) -> None:
    assert heading(name, moments=moments) == read


def test_ids_of_workspaces_lead_to_their_page_and_a_missing_one_leads_nowhere() -> None:
    app = AppTest.from_string(
        """
        import pandas as pd
        from dashboard import tables
        frame = pd.DataFrame({"workspace_id": ["ws_1", "", None], "minutes": [1, 2, 3]})
        tables.show(frame, key="t", linked=True)
        """,
        default_timeout=PATIENCE_SECONDS,
    ).run()

    assert not app.exception
    assert app.dataframe[0].value["workspace_id"].fillna("").tolist() == ["/workspace?id=ws_1", "", ""]
