"""Bulk reading: what was recorded while an export ran is in the next one."""

from datetime import UTC, datetime

from sqlalchemy import Engine

import ledger
from ledger.database import reading, writing
from ledger.minutes.exports import ExportFilters, export_rows
from tests.stories import Story


def test_an_export_is_complete_only_up_to_the_oldest_open_transaction(engine: Engine) -> None:
    with writing(engine) as db:
        acme = Story(db, "acme")
        acme.gets(10)
    with engine.connect() as slow, slow.begin() as transaction:
        ledger.track_minutes(slow, "acme", 1, key="slow", at=acme.now)
        with reading(engine) as db:
            page = export_rows(db, "entries", ExportFilters(), at=datetime.now(UTC))
        transaction.commit()

    with reading(engine) as db:
        following = export_rows(
            db, "entries", ExportFilters(recorded_since=page.complete_to), at=page.complete_to
        )
    assert [row["kind"] for row in page.rows] == ["grant"]
    assert "slow" in [row["key"] for row in following.rows]
