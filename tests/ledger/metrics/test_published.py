"""Our SQL on purchases that others have counted: CDNOW's customers of early 1997."""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text

from ledger.metrics import each_row

CDNOW = Path(__file__).parents[2] / "data" / "CDNOW_sample.txt"
WEEK_39 = datetime(1997, 9, 30, 23, tzinfo=UTC)


def load(db):
    """Each order as a paid purchase of its day."""
    orders = [line.split() for line in CDNOW.read_text().splitlines()]
    people = sorted({order[1] for order in orders})
    db.execute(
        text(
            "INSERT INTO workspaces (workspace_id, name, owner_email, source, created_by, created_at) "
            "VALUES (:w, :w, 'o@example.com', 'sandbox', 'test', '1997-01-01')"
        ),
        [{"w": person} for person in people],
    )
    db.execute(
        text(
            "INSERT INTO extra_minutes_purchases (workspace_id, purchase_id, key, body, source, package, package_version, "
            "package_arm, package_name, minutes, amount_cents, currency, actor, created_at, attempted_at, status, paid_at) "
            "VALUES (:w, gen_random_uuid(), :k, '{}', 'sandbox', 'small', 1, 'standard', 'Small', 60, 999, 'usd', 'test', "
            ":at, :at, 'paid', :at)"
        ),
        [
            {"w": order[1], "k": str(n), "at": datetime.strptime(order[2], "%Y%m%d").replace(tzinfo=UTC)}
            for n, order in enumerate(orders)
        ],
    )
    return len(people)


def test_cdnow_has_946_repeaters_by_week_39_and_2457_repeat_orders_when_a_days_orders_are_merged(engine):
    with engine.begin() as db:
        people = load(db)

        result = list(
            each_row(
                db,
                "repeat-rate",
                start=datetime(1997, 1, 1, tzinfo=UTC),
                end=datetime(1998, 1, 1, tzinfo=UTC),
                as_of=WEEK_39,
                source="sandbox",
                window_days=1000,
            )
        )

    assert (people, len(result)) == (2357, 2357)
    assert sum(row["again_at"] is not None for row in result) == 946
    assert sum(row["order_days"] for row in result) == 2457
