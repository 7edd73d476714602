"""The retention ladder: the highest rung that stands is the answer, and each rung says why it does not."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from ledger.metrics.ladder import RUNGS, climb

LAUNCH = datetime(2026, 4, 1, tzinfo=UTC)


def hit(number, *, days, left, bought=None, held=None, at=LAUNCH, tenure=30.0, before=200.0):
    return {
        "workspace_id": f"w{number}", "at": at, "value": days, "weight": left, "bought_after_days": bought,
        "tenure_days": tenure, "minutes_before": before, "minutes_per_day_before": before / 60, "held": held,
        "plan": "starter", "billing_cycle": "monthly",
    }  # fmt: skip


def company(n=400, *, effect=1.0, seed=1, **more):
    """Hitters whose buying changes their rate of leaving by `effect`."""
    dice = np.random.default_rng(seed)
    rows = []
    for number in range(n):
        usage = float(dice.uniform(50, 400))
        buys, leaves = dice.exponential(40), dice.exponential(120)
        if leaves > buys:
            leaves = buys + dice.exponential(120 / effect)
        end = min(leaves, 150.0)
        rows.append(
            hit(
                number,
                days=end,
                left=int(leaves <= 150),
                bought=float(buys) if buys < end else None,
                tenure=float(dice.uniform(5, 300)),
                before=usage,
                **more,
            )
        )
    return rows


def rungs(result):
    return {rung["rung"]: rung for rung in result["rungs"]}


def test_a_hold_out_stands_above_everything_else():
    rows = [
        hit(n, days=100.0 if kept else 40.0, left=int(not kept), held=held)
        for n, (kept, held) in enumerate(
            [(True, False)] * 80 + [(False, False)] * 20 + [(True, True)] * 60 + [(False, True)] * 40
        )
    ]

    result = climb(rows, [], None)

    assert (result["basis"], result["value"]) == ("hold-out", 20.0)
    assert result["low"] < 20 < result["high"]
    assert result["reason"] is None


def test_a_launch_is_judged_by_difference_in_differences():
    def group(kept, n, start, offset):
        return [
            hit(
                offset + i,
                days=100.0 if i < kept else 40.0,
                left=int(i >= kept),
                at=start + timedelta(hours=i),
            )
            for i in range(n)
        ]

    before, after = LAUNCH - timedelta(days=20), LAUNCH + timedelta(days=5)
    hits = group(60, 100, before, 0) + group(75, 100, after, 100)
    near = group(80, 100, before, 200) + group(85, 100, after, 300)

    result = climb(hits, near, LAUNCH)

    assert (result["basis"], result["value"], result["low"], result["high"]) == (
        "difference-in-differences", 10.0, -6.6, 26.6,
    )  # fmt: skip
    assert {line["period"] for line in result["event_study"]} == {0}


def test_without_a_launch_the_model_with_buying_as_it_happens_answers():
    result = climb(company(effect=0.5), [], None)

    assert result["basis"] == "time-varying Cox model"
    assert result["low"] <= 50 <= result["high"]
    assert "launch" in rungs(result)["difference-in-differences"]["reason"]


def test_no_effect_is_not_found_where_there_is_none_although_buyers_look_loyal():
    result = climb(company(900, effect=1.0, seed=4), [], None)

    assert result["low"] <= 0 <= result["high"]
    assert result["naive"]["buyers"] > result["naive"]["others"] + 15


def test_a_landmark_carries_its_balance_of_pairs():
    found = rungs(climb(company(900, seed=5), [], None))["matched landmark"]

    assert found["value"] is not None
    assert {name for name, _before, after in found["balance"] if after < 0.1} == {
        "tenure_days",
        "minutes_before",
    }


@pytest.mark.parametrize(
    "rows", [[], [hit(1, days=10.0, left=0)], [hit(n, days=5.0, left=1) for n in range(30)]]
)
def test_too_little_is_not_identifiable_and_every_rung_says_why(rows):
    result = climb(rows, [], None)

    assert (result["value"], result["basis"]) == (None, None)
    assert result["reason"] == "not identifiable from the present data"
    assert [rung["rung"] for rung in result["rungs"]] == list(RUNGS)
    assert all(rung["reason"] for rung in result["rungs"])
