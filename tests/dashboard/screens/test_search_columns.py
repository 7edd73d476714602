"""The Workspaces table: a cell for each column, in the order and the widths of the list."""

from datetime import UTC, datetime

from sqlalchemy import Connection

from dashboard.screens.search_columns import COLUMNS, heading, line
from ledger.desk import list_by_need
from ledger.minutes.workspaces import create_workspace

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_every_column_has_its_heading_and_one_cell_in_a_line(db: Connection) -> None:
    for number in (1, 2):
        create_workspace(
            db, f"w{number}", name="Acme", owner_email="bo@acme.example", actor="ann@example.com", at=NOW
        )
    first, second = list_by_need(db, limit=10, at=NOW)

    assert heading().count("<span") == len(COLUMNS) + 1
    for each in COLUMNS:
        assert f">{each.name}</span>" in heading()
        assert f">{each.cell(db, first)}</span>" in line(db, first)
    assert ">No minutes</span>" in line(db, second)
    assert "--widths:5rem minmax(6rem, 1fr) 6rem 7rem 8rem" in line(db, first)
