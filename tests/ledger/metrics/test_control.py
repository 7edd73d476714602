"""A hold-out lowers the share of buyers: the counts of its control arm are shown beside it."""

from datetime import timedelta

import pytest

import ledger
from ledger.experiments.holdouts import end_hold_out, list_arms, start_hold_out
from ledger.metrics import measure
from ledger.metrics.control import ControlRows, rows_of_control
from ledger.metrics.rows import Selection
from ledger.payments.purchases import place_purchase
from tests.mini_ledger import pay

HOLD_OUT = {"source": "live", "share_percent": 50, "hits_needed": 30, "reason": "worth it?", "actor": "ada"}


@pytest.fixture
def control(db, now):
    """Twenty hitters of the first month and twenty of the second, in which half are held; offered ones buy, and one held."""
    start = now - timedelta(days=60)
    hold_out = start_hold_out(db, "spring", starts_at=start + timedelta(days=30), **HOLD_OUT)
    for n in range(40):
        about = {"name": f"w{n}", "owner_email": "o@example.com", "source": "live", "actor": "t"}
        at = start + timedelta(days=30 * (n // 20))
        ledger.create_workspace(db, f"w{n}", at=at, **about)
        ledger.update_plan_allocation(db, f"w{n}", "starter", "monthly", key="1", actor="t", at=at)
        ledger.track_minutes(db, f"w{n}", 250, key="call", at=at + timedelta(hours=1))
    arms = [(each, arm) for each, arm in list_arms(db, hold_out) if int(each[1:]) >= 20]
    control_ids = [each for each, arm in arms if arm == "control"]
    for each in [*(each for each, arm in arms if arm == "treatment"), control_ids[0]]:
        bought = place_purchase(
            db, each, "small", mode="live", key="k", actor="owner", at=start + timedelta(days=32)
        )
        pay(db, each, bought.purchase_id, at=start + timedelta(days=32))
    return control_ids


def everything(now, **filters):
    return Selection(now - timedelta(days=90), now, now, "live", **filters)


@pytest.mark.parametrize("slug", ["conversion", "conversion-net", "conversion-per-hit"])
def test_only_those_held_while_the_hold_out_runs_are_counted(db, now, control, slug):
    result = measure(db, slug, start=now - timedelta(days=90), end=now, as_of=now, source="live")

    output = rows_of_control(db, slug, everything(now))

    assert output == ControlRows(rows=len(control), bought=1)
    assert result.numerator - output.bought == 20 - len(control)
    assert result.denominator - output.rows == 40 - len(control)


def test_what_is_not_old_enough_or_of_another_plan_is_not_counted(db, now, control):
    assert rows_of_control(db, "conversion", everything(now - timedelta(days=20))) == ControlRows(
        rows=0, bought=0
    )
    assert rows_of_control(db, "conversion", everything(now, plan="pro")) == ControlRows(rows=0, bought=0)
    assert rows_of_control(db, "conversion", everything(now, plan="starter")).rows == len(control)


@pytest.mark.usefixtures("control")
def test_a_hold_out_that_ended_before_and_other_metrics_have_nothing_to_tell(db, now):
    end_hold_out(db, "spring", at=now - timedelta(days=30) + timedelta(minutes=30))

    assert rows_of_control(db, "conversion", everything(now)) == ControlRows(rows=0, bought=0)
    assert rows_of_control(db, "refund-rate", everything(now)) == ControlRows(rows=0, bought=0)
