"""Which workspaces are due, and in which order they are locked."""

from datetime import timedelta

from sqlalchemy import Connection

import ledger
from tests.stories import START, Story


def test_due_workspaces_are_locked_in_the_order_of_their_ids_whatever_their_dates(db: Connection) -> None:
    late, early = Story(db, workspace_id="z-late"), Story(db, workspace_id="a-early")
    late.plan("starter")
    early.later(days=5).plan("starter")

    rows = db.execute(
        ledger.database.query("workspaces_due"), {"at": START + timedelta(days=60), "limit": 10}
    ).scalars()

    assert list(rows) == ["a-early", "z-late"]
