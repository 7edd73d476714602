"""The answer over the Import page in each case."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from dashboard.screens.imports import answer
from ledger.transfer import PastImport
from tests.stories import START

IMPORT = PastImport(
    import_id=UUID(int=1), source="live", origin="files", actor="ada", started_at=START, finished_at=START,
    undone_at=None, undone_by=None, rows_booked=1200, older_workspaces=0, workspaces=3,
)  # fmt: skip
UNDONE = replace(IMPORT, undone_at=START, undone_by="ada")
AT = START + timedelta(hours=3)


def test_the_answer_says_what_was_imported_and_leaves_out_what_was_undone() -> None:
    assert answer([], AT).startswith("**No imported history**")
    assert answer([UNDONE], AT).startswith("**No imported history**")
    assert answer([IMPORT, UNDONE], AT) == "**1 import booked**, 1,200 rows; the latest 3h ago."
    assert answer([IMPORT, IMPORT], AT) == "**2 imports booked**, 2,400 rows; the latest 3h ago."
