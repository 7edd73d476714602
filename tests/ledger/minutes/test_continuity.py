"""An entry continues the one before it: whatever does not is refused when it is booked, or named by verify."""

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

import ledger
from tests.stories import Story


@pytest.fixture
def acme(db: Connection) -> Story:
    """Entries 1 to 3: 200 plan minutes of which 50 are used, and 60 bought."""
    acme = Story(db)
    acme.plan("starter")
    acme.buys("small")
    acme.uses(50)
    return acme


@pytest.mark.parametrize("drift", ["minutes_remaining = 149", "extra_minutes_remaining = 59", "entry_no = 2"])
def test_a_balance_that_is_not_that_of_its_last_entry_is_named_and_books_nothing(
    db: Connection, acme: Story, drift: str
) -> None:
    before = ledger.list_entries(db, acme.workspace_id)
    change = text(f"UPDATE workspace_minutes SET {drift} WHERE workspace_id = :w")
    db.execute(change, {"w": acme.workspace_id})

    assert "balances" in {finding.check for finding in ledger.verify(db)}
    use = {"workspace_id": acme.workspace_id, "minutes": 1, "key": "next", "at": acme.now}
    for call in (lambda: acme.uses(1), lambda: ledger.track_uses(db, [use]), lambda: acme.gets(1)):
        with pytest.raises(DBAPIError) as caught, db.begin_nested():
            call()
        refused = getattr(caught.value.orig, "diag").constraint_name  # noqa: B009  psycopg's own attribute
        assert refused in ("entries_continue_the_balance", "entries_pkey")
    assert ledger.list_entries(db, acme.workspace_id) == before


def test_an_entry_written_past_the_functions_that_does_not_continue_is_named(
    db: Connection, acme: Story
) -> None:
    written = text(
        "INSERT INTO entries (workspace_id, entry_no, previous_no, kind, key, plan_delta, plan_after, extra_delta, extra_after, "
        "minutes, used_after, at, recorded_at, latest_at, epoch, gauge_base, actor, overage_policy) VALUES "
        "(:w, 4, 3, 'use', 'attack', 0, 150, -1, 60, 1, 51, now(), now(), now(), 2, 260, 'attacker', 'partial')"
    )
    db.execute(written, {"w": acme.workspace_id})

    findings = {(finding.check, finding.where) for finding in ledger.verify(db)}

    assert ("running balances", "entry 4") in findings
