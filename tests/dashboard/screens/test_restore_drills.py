"""What Health says about the last restore drill, and when its verdict counts it."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from dashboard.screens.restore_drills import sentence, verdict
from ledger.database import query, writing
from ledger.postgres.drills import DrillResult, last_drill

CASES = [
    (None, 6, "Restore drill passed 6h ago on db\\_1, in 12 seconds.", None),
    (None, 72, "Restore drill passed 3d ago on db\\_1, and none has run since. Check the timer", "an overdue restore drill"),
    ("No *room*.", 6, "Restore drill failed 6h ago on db\\_1: No \\*room\\*. Keep the older backups", "a failed restore drill"),
]  # fmt: skip


@pytest.mark.parametrize(("error", "hours_ago", "said", "counted"), CASES)
def test_the_last_drill_is_shown_with_what_to_do_and_counts_when_it_failed_or_is_overdue(
    engine: Engine, now: datetime, error, hours_ago, said, counted
) -> None:
    at = now - timedelta(hours=hours_ago)
    last = DrillResult(at=at, host="db_1", seconds=12.0, findings=0, error=error)
    with writing(engine) as db:
        before = verdict(last_drill(db), now)
        for each in (at - timedelta(days=9), at):
            row = {"actor": "a", "host": "h", "seconds": 1.0, "findings": 0, "root_no": None}
            db.execute(query("add_drill"), row | {"at": each, "error": error if each == at else None})

        assert (before, verdict(last_drill(db), now)) == (None, counted)
    assert sentence(last, now).startswith(said)


def test_before_the_first_drill_health_says_how_to_run_one(now: datetime) -> None:
    assert sentence(None, now) == (
        "No restore drill has run. Run `python -m ledger backup FILE --drill` every night: see docs/operations.md."
    )
