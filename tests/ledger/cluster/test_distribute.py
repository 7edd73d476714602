"""`distribute` on one server, and on the cluster of TEST_CITUS_URL where it is set."""

from datetime import UTC, datetime

import pytest

import ledger
from ledger.cluster.distribute import distribute, dry_run
from ledger.cluster.plan import ClusterNotReady
from tests.databases import migrated_database
from tests.spread.cluster import NEEDS_CLUSTER, distributed_database

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_without_the_extension_nothing_is_changed() -> None:
    lines: list[str] = []
    with migrated_database() as engine:
        with pytest.raises(ClusterNotReady):
            distribute(engine, 8, lines.append)
        with pytest.raises(ClusterNotReady):
            dry_run(engine, 8)

    assert lines == []


@pytest.mark.skipif(NEEDS_CLUSTER, reason="TEST_CITUS_URL is not set")
def test_a_spread_ledger_books_and_proves_as_one_server_does() -> None:
    with distributed_database() as engine:
        assert distribute(engine, 8, lambda _: None) is False
        with ledger.writing(engine) as db:
            for name in ("acme", "beta"):
                ledger.create_workspace(
                    db, name, name=name, owner_email="bo@acme.example", actor="ann", at=AT
                )
                ledger.update_plan_allocation(db, name, "starter", "monthly", key="plan", actor="ann", at=AT)
                ledger.grant_minutes(db, name, 60, reason="welcome", key="grant", actor="ann", at=AT)
            single = ledger.track_minutes(db, "acme", 230, key="call-1", at=AT)
        with ledger.writing(engine) as db:
            uses = [
                {"workspace_id": name, "minutes": 90, "key": f"b{n}", "at": AT}
                for n in range(3)
                for name in ("acme", "beta")
            ]
            booked = ledger.track_uses(db, uses)
        with ledger.reading(engine) as db:
            left = [ledger.get_balance(db, name).total_minutes for name in ("acme", "beta")]
            findings = ledger.verify(db)

    assert (single.from_plan, single.from_extra, single.thresholds) == (200, 30, (80,))
    assert [use.unmet_minutes for use in booked if isinstance(use, ledger.Use)] == [60, 0, 90, 0, 90, 10]
    assert left == [0, 0]
    assert findings == []
