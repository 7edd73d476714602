"""The list of whom support may call is whole, however many it holds."""

from datetime import timedelta

import ledger
from ledger.metrics import measure
from ledger.metrics.rows import Selection
from ledger.metrics.waiting import list_waiting
from ledger.payments.purchases import place_purchase
from tests.mini_ledger import pay


def test_the_pages_together_are_all_who_wait_and_nobody_who_bought(db, now):
    start, ids = now - timedelta(days=10), [f"w{n:03}" for n in range(12)]
    for n, each in enumerate(ids):
        about = {"name": each, "owner_email": "o@example.com", "source": "live", "actor": "t"}
        ledger.create_workspace(db, each, at=start, **about)
        ledger.update_plan_allocation(db, each, "starter", "monthly", key="1", actor="t", at=start)
        ledger.track_minutes(db, each, 250, key="call", at=start + timedelta(hours=1 + n))
    for each in ids[:3]:
        bought = place_purchase(
            db, each, "small", mode="live", key="k", actor="o", at=now - timedelta(days=1)
        )
        pay(db, each, bought.purchase_id, at=now - timedelta(days=1))
    chosen = Selection(start, now, now, "live")

    result = [
        row["workspace_id"]
        for offset in (0, 5)
        for row in list_waiting(db, chosen, limit=5, offset=offset)[1]
    ]
    pending = measure(db, "conversion", start=start, end=now, as_of=now, source="live").pending

    assert result == ids[:2:-1]
    count, last = list_waiting(db, chosen, limit=5, offset=50)
    assert (count, pending) == (9, 12)
    assert [row["workspace_id"] for row in last] == result[5:]
    assert {(row["plan"], row["billing_cycle"]) for row in last} == {("starter", "monthly")}


def test_who_can_no_longer_convert_does_not_wait(db, now):
    start = now - timedelta(days=20)
    ledger.create_workspace(
        db, "w", name="w", owner_email="o@example.com", source="live", actor="t", at=start
    )
    ledger.update_plan_allocation(db, "w", "starter", "monthly", key="1", actor="t", at=start)
    ledger.track_minutes(db, "w", 250, key="call", at=start)

    assert list_waiting(db, Selection(start, now, now, "live"), limit=5) == (0, [])
