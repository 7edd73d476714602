"""Every number is of the moment it names: what came later, or belongs to another period, is not in it."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

import ledger
from ledger.metrics import each_row, measure
from ledger.metrics.fits import fit
from ledger.metrics.registry import METRICS
from ledger.metrics.rollups import refresh_rollups
from ledger.metrics.rows import Selection
from ledger.metrics.whole_days import EARLIEST
from tests import mini_ledger, random_company
from tests.mini_ledger import AS_OF, START, when

SELECTION = {"start": START, "end": AS_OF, "as_of": AS_OF, "source": "live"}


@pytest.mark.parametrize("plan", [None, "starter", "pro"])
def test_earned_and_owed_are_net_revenue_at_the_end_of_every_period_and_of_every_plan(db, plan):
    random_company.live_through(db, seed=41, workspaces=8, things=30)
    refresh_rollups(db, at=random_company.AS_OF)

    for end in (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC), random_company.AS_OF):
        arguments = {
            "start": EARLIEST,
            "end": end,
            "as_of": random_company.AS_OF,
            "source": "sandbox",
            "plan": plan,
        }
        earned, owed, net = (
            measure(db, slug, **arguments).value
            for slug in ("recognised-money", "liability-money", "revenue-net")
        )
        assert earned + owed == pytest.approx(net, abs=1e-3)


def test_days_of_cover_are_those_of_the_end_of_the_period(db):
    """W uses 31 of its 200 minutes in February; March adds 200 and uses 300, so 69 are left now.

    At the end of February 169 are left, and demand was 31 in January and February (59 days): 169 x 59 / 31.
    """
    ledger.create_workspace(
        db, "W", name="W", owner_email="o@example.com", actor="t", at=START, source="live"
    )
    ledger.update_plan_allocation(db, "W", "starter", "monthly", key="a", actor="t", at=START)
    ledger.track_minutes(db, "W", 31, key="1", at=when("02-20 09:00"))
    ledger.track_minutes(db, "W", 300, key="2", at=when("03-20 09:00"))
    refresh_rollups(db, at=AS_OF)
    metric = METRICS["days-of-cover"]

    february = fit(db, metric, Selection(START, when("03-01 00:00"), AS_OF, "live"))
    (row,) = each_row(db, "days-of-cover", **{**SELECTION, "end": when("03-01 00:00")})

    assert (row["demand"], february["n"]) == (31, 1)
    assert february["value"] == pytest.approx(169 * 59 / 31, abs=1e-3)
    assert fit(db, metric, Selection(START, AS_OF, AS_OF, "live"))["value"] != february["value"]


@pytest.mark.parametrize(
    "end", [datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 17, tzinfo=UTC), random_company.AS_OF]
)
def test_days_of_cover_rest_on_the_balance_of_that_day(db, end):
    random_company.live_through(db, seed=43, workspaces=8, things=30)
    refresh_rollups(db, at=random_company.AS_OF)

    rows = each_row(db, "days-of-cover", start=START, end=end, as_of=random_company.AS_OF, source="sandbox")
    left = {row["workspace_id"]: row["minutes_left"] for row in rows}

    booked = dict(
        db.execute(
            text(
                "SELECT workspace_id, sum(plan_delta + extra_delta) FROM entries WHERE at < :end GROUP BY 1"
            ),
            {"end": end},
        ).all()
    )
    assert len(left) > 3
    assert left == {each: booked[each] for each in left}


def test_a_return_that_was_not_known_yet_makes_nobody_stay(db):
    """W06 left on 6 April and comes back on 20 April: as of 15 April it had left, whenever that is read."""
    mini_ledger.live_through(db)
    then = when("04-15 00:00")
    refresh_rollups(db, at=AS_OF)
    before = {
        row["workspace_id"]: row["weight"]
        for row in each_row(db, "retention-effect", **{**SELECTION, "as_of": then})
    }

    ledger.update_plan_allocation(db, "W06", "pro", "monthly", key="b", actor="t", at=when("04-20 00:00"))
    after = {
        row["workspace_id"]: row["weight"]
        for row in each_row(db, "retention-effect", **{**SELECTION, "as_of": then})
    }
    now = {row["workspace_id"]: row["weight"] for row in each_row(db, "retention-effect", **SELECTION)}

    assert before["W06"] == after["W06"] == 1
    assert now["W06"] == 0


def test_fees_are_those_of_payments_and_of_disputes_each_in_its_period(db):
    """0.59 for the payment of 5 March, 15.00 for the dispute opened on 2 April."""
    mini_ledger.live_through(db)
    db.execute(
        text(
            "UPDATE extra_minutes_purchases SET fee_cents = 59, fee_currency = 'usd' WHERE workspace_id = 'W01'"
        )
    )
    db.execute(
        text(
            "INSERT INTO disputes (workspace_id, dispute_id, purchase_id, amount_cents, currency, status, fee_cents, "
            "opened_at) SELECT workspace_id, 'dp_1', purchase_id, amount_cents, currency, 'needs_response', 1500, :at "
            "FROM extra_minutes_purchases WHERE workspace_id = 'W01'"
        ),
        {"at": when("04-02 09:00")},
    )
    refresh_rollups(db, at=AS_OF, sweep=True)

    result = measure(db, "fees", **SELECTION, by="month")

    assert result.value == 1559
    assert {part.part: part.value for part in result.parts} == {"2026-03-01": 59, "2026-04-01": 1500}
