"""Workspaces with many lots: only open ones count for the set-based statements of a batch."""

import pytest
from sqlalchemy import Connection, text

import ledger
from tests.stories import Story

STAGE = text(
    "SELECT stage_uses(:batch, ARRAY['busy'], ARRAY[:n]::bigint[], ARRAY['u'], ARRAY[:at]::timestamptz[], ARRAY[NULL]::bigint[])"
)
SINGLY = text("SELECT singly FROM staged_workspaces WHERE batch = :batch")


@pytest.mark.slow
def test_a_workspace_leaves_the_set_based_statements_by_its_open_lots_alone(db: Connection) -> None:
    story, seen = Story(db, workspace_id="busy"), {}
    for _ in range(1_001):
        story.gets(1, "extra")
    for batch, minutes in enumerate((0, 1, 999), start=1):
        if minutes:
            story.uses(minutes)
        open_lots = len(ledger.list_lots(db, "busy", open_only=True))
        db.execute(STAGE, {"batch": -batch, "n": open_lots, "at": story.now})
        seen[open_lots] = db.execute(SINGLY, {"batch": -batch}).scalar_one()

    assert seen == {1_001: True, 1_000: False, 1: False}
