"""Tables: what leaves as CSV is harmless, also for numbers, dates and empty cells."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import installation
from dashboard.kit.tables import csv, from_rows, heading, safe, when
from ledger.settings import load_settings
from tests.house import nodes_of, sources
from tests.pages.visits import PATIENCE_SECONDS

OFFERED_WHOLE = {
    "dashboard/panels/about.py": "all rows behind a number, of which one page is shown",
    "dashboard/screens/imports.py": "the first lines of somebody's own file",
    "dashboard/screens/pricing/library.py": "scenarios side by side, outputs and parameters in one file",
    "dashboard/screens/purchases.py": "all purchases that match, of which one page is shown",
}
"""Where the page itself offers more than the table shows."""


@dataclass
class Row:
    """A row with more fields than are shown."""

    name: str
    minutes: int | None
    secret: str = "hidden"


def test_formulas_in_cells_are_text_and_negative_numbers_stay_numbers() -> None:
    frame = from_rows([Row("=HYPERLINK(1)", -5), Row("-2+3", None)], ("name", "minutes"))

    written = csv(frame).decode("utf-8-sig")

    assert written.splitlines() == ["name,minutes", "'=HYPERLINK(1),-5", "'-2+3,"]
    assert "hidden" not in written


def test_only_text_is_changed_and_the_frame_itself_is_not() -> None:
    frame = pd.DataFrame({"text": ["=1"], "number": [-1]})

    assert safe(frame)["text"].tolist() == ["'=1"]
    assert safe(frame)["number"].tolist() == [-1]
    assert frame["text"].tolist() == ["=1"]


def test_a_table_without_rows_has_its_columns() -> None:
    assert list(from_rows([], ("name", "minutes")).columns) == ["name", "minutes"]


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("workspace_id", "Workspace"),
        ("billing_cycle", "Billing cycle"),
        ("value_cents", "Value (cents)"),
        ("paid_at", "Paid"),
        ("at", "When"),
    ],
)
def test_columns_are_headed_by_words_and_units(name: str, read: str) -> None:
    assert heading(name) == read


@pytest.mark.parametrize(
    ("zone", "read"),
    [("UTC", "Paid (UTC)"), ("Europe/Berlin", "Paid (Berlin)"), ("America/New_York", "Paid (New York)")],
)
def test_moments_are_shown_in_the_report_time_zone_and_say_so(
    zone: str, read: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installation, "settings", lambda: load_settings({"REPORT_TIMEZONE": zone}))

    column = when("Paid")

    assert (column["label"], column["type_config"]["timezone"]) == (read, zone)


def test_ids_of_workspaces_lead_to_their_page_and_a_missing_one_leads_nowhere() -> None:
    app = AppTest.from_string(
        """
        import pandas as pd
        from dashboard.kit import tables
        frame = pd.DataFrame({"workspace_id": ["ws_1", "", None], "minutes": [1, 2, 3]})
        tables.show(frame, key="t", file_name=None, linked=True)
        """,
        default_timeout=PATIENCE_SECONDS,
    ).run()

    assert not app.exception
    assert app.dataframe[0].value["workspace_id"].fillna("").tolist() == ["/workspace?id=ws_1", "", ""]


def test_a_short_table_of_words_is_offered_as_a_file() -> None:
    def script() -> None:
        from dashboard.kit import tables  # noqa: PLC0415  the script is read on its own

        tables.show_words(
            {"Line": ["Gross", "= Net"], "Amount": ["5", "4"]}, key="sums", file_name="sums.csv"
        )

    app = AppTest.from_function(script, default_timeout=PATIENCE_SECONDS).run()

    assert list(app.table[0].value["Line"]) == ["Gross", "= Net"]
    assert [button.proto.label for button in app.get("download_button")] == ["CSV", "Parquet"]


def _without_file(path: Path) -> Iterator[str]:
    """Return how each table of a file is drawn that offers no CSV."""
    for node in nodes_of(path):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        if called in {"st.dataframe", "st.table"}:
            yield called
        files = [word.value for word in node.keywords if word.arg == "file_name"]
        if any(isinstance(file, ast.Constant) and file.value is None for file in files):
            yield "None"


def test_every_table_offers_csv_or_its_page_offers_the_whole_list() -> None:
    without = {str(path): list(_without_file(path)) for path in sources("dashboard", "pages")}

    assert without.pop("dashboard/kit/tables.py") == ["st.dataframe", "st.table"]
    assert {path for path, tables in without.items() if tables} == set(OFFERED_WHOLE)


def test_the_rule_finds_a_table_without_a_file(tmp_path: Path) -> None:
    page = tmp_path / "page.py"
    page.write_text(
        "tables.show(f, key='a', file_name=None)\nst.table(f)\ntables.show(f, file_name='a.csv')\n"
    )

    assert sorted(_without_file(page)) == ["None", "st.table"]
