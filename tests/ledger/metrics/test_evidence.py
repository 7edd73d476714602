"""The levels of evidence: the highest that stands is the answer, and each says why it does not stand."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from ledger.experiments.holdouts import HoldOut
from ledger.metrics.evidence import weigh_evidence
from ledger.metrics.levels import LEVELS
from tests.bench import worlds

LAUNCH = datetime(2026, 4, 1, tzinfo=UTC)
AS_OF = LAUNCH + timedelta(days=150)


def weigh(hits, near, launch, *hold_outs, as_of=AS_OF):
    return weigh_evidence(hits, near, launch, as_of=as_of, hold_outs=hold_outs)


def hold_out(name="spring", *, needed=100, starts_at=LAUNCH, ends_at=None):
    return HoldOut(
        name=name, source="live", share_percent=50, hits_needed=needed, reason="is it worth it?",
        starts_at=starts_at, ends_at=ends_at, created_by="test",
    )  # fmt: skip


def hit(number, *, days, left, bought=None, arm=None, of="spring", at=LAUNCH, tenure=30.0, before=200.0):
    return {
        "workspace_id": f"w{number}", "at": at, "value": days, "weight": left, "bought_after_days": bought,
        "tenure_days": tenure, "minutes_before": before, "minutes_per_day_before": before / 60,
        "hold_out": of if arm else None, "arm": arm,
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


def levels(result):
    return {one["level"]: one for one in result["levels"]}


def arms(offered, control_ids, *, of="spring", at=LAUNCH):
    """Hitters of two arms, each given as (stayed, left)."""
    return [
        hit(
            f"{of}-{arm}-{n}",
            days=100.0 if n < stayed else 40.0,
            left=int(n >= stayed),
            arm=arm,
            of=of,
            at=at,
        )
        for arm, (stayed, left) in (("treatment", offered), ("control", control_ids))
        for n in range(stayed + left)
    ]


def test_a_hold_out_stands_above_everything_else():
    result = weigh(arms((80, 20), (60, 40)), [], None, hold_out())

    assert (result["basis"], result["value"]) == ("hold-out", 20.0)
    assert result["low"] < 20 < result["high"]
    assert result["reason"] is None
    assert result["levels"][0]["arms"]["control"] == {"hits": 100, "followed": 100, "stayed": 60}


def test_a_hold_out_that_has_not_what_was_planned_says_how_far_it_is():
    hits = arms((80, 20), (25, 16))

    result = weigh(hits, [], None, hold_out(needed=195))

    assert result["basis"] != "hold-out"
    assert levels(result)["hold-out"]["reason"] == (
        "hold-out spring runs since 01 Apr 2026: 41 of 195 followed for 90 days in the smaller arm"
    )


def test_a_hold_out_that_is_over_answers_with_what_it_has_once_all_are_followed():
    over = hold_out(needed=195, ends_at=LAUNCH + timedelta(days=30))
    late = LAUNCH + timedelta(days=20)
    hits = [*arms((80, 20), (25, 16)), hit("late", days=60.0, left=0, arm="control", at=late)]

    waiting = weigh(hits, [], None, over, as_of=late + timedelta(days=89))
    answered = weigh(hits, [], None, over, as_of=late + timedelta(days=90))

    assert "ran from 01 Apr 2026 to 01 May 2026: 41 of 195" in levels(waiting)["hold-out"]["reason"]
    assert answered["basis"] == "hold-out"


def test_who_left_early_does_not_count_before_those_who_stay_can_count():
    young = [hit(n, days=5.0, left=1, arm="control", at=AS_OF - timedelta(days=10)) for n in range(50)]

    result = weigh(arms((80, 20), (60, 40)) + young, [], None, hold_out())

    assert result["value"] == 20.0
    assert result["levels"][0]["arms"]["control"]["hits"] == 150


def test_hold_outs_are_never_mixed_and_the_latest_that_can_be_judged_answers():
    first, second, third = (
        hold_out(name, starts_at=LAUNCH + timedelta(days=days)) for days, name in enumerate("abc")
    )
    hits = arms((80, 20), (40, 60), of="a") + arms((80, 20), (60, 40), of="b") + arms((9, 1), (1, 9), of="c")

    result = weigh(hits, [], None, third, first, second)

    assert (result["levels"][0]["hold_out"], result["value"]) == ("b", 20.0)


def test_a_launch_is_judged_by_difference_in_differences():
    def group(retained, n, start, offset):
        return [
            hit(
                offset + i,
                days=100.0 if i < retained else 40.0,
                left=int(i >= retained),
                at=start + timedelta(hours=i),
            )
            for i in range(n)
        ]

    before, after = LAUNCH - timedelta(days=20), LAUNCH + timedelta(days=5)
    hits = group(60, 100, before, 0) + group(75, 100, after, 100)
    near = group(80, 100, before, 200) + group(85, 100, after, 300)

    result = weigh(hits, near, LAUNCH)

    assert (result["basis"], result["value"], result["low"], result["high"]) == (
        "launch comparison", 10.0, -6.6, 26.6,
    )  # fmt: skip
    assert {line["period"] for line in result["event_study"]} == {0}


def test_without_a_launch_the_model_with_buying_as_it_happens_answers():
    result = weigh(company(effect=0.5), [], None)

    assert result["basis"] == "Cox model"
    assert result["low"] <= 50 <= result["high"]
    assert "launch" in levels(result)["launch comparison"]["reason"]


def test_no_effect_is_reported_where_there_is_none_although_buyers_look_loyal():
    result = weigh(company(900, effect=1.0, seed=4), [], None)

    assert result["low"] <= 0 <= result["high"]
    assert result["naive"]["buyers"] > result["naive"]["others"] + 15


def test_a_landmark_carries_its_balance_of_pairs():
    result = levels(weigh(company(900, seed=5), [], None))["matched pairs"]

    assert result["value"] is not None
    assert {name for name, _before, after in result["balance"] if after < 0.1} == {
        "tenure_days",
        "minutes_before",
        "minutes_per_day_before",
    }


def test_a_landmark_does_not_count_who_left_before_those_who_stay_can_count():
    old = company(900, seed=5)
    young = [
        hit(f"young-{n}", days=20.0, left=1, at=AS_OF - timedelta(days=30), tenure=5.0 + n, before=60.0 + n)
        for n in range(250)
    ]

    result = levels(weigh(old + young, [], None))["matched pairs"]

    assert result == levels(weigh(old, [], None))["matched pairs"]


def test_a_launch_around_which_everybody_stays_is_no_sure_effect_of_nothing():
    before, after = LAUNCH - timedelta(days=20), LAUNCH + timedelta(days=5)
    hits, near = (
        [hit(f"{of}{i}", days=100.0, left=0, at=at) for at in (before, after) for i in range(40)]
        for of in ("hit", "near")
    )

    result = levels(weigh(hits, near, LAUNCH))

    assert result["launch comparison"]["reason"] == "the four groups around the launch do not vary"
    assert all(one["value"] is None for one in result.values())


@pytest.mark.parametrize(
    "rows", [[], [hit(1, days=10.0, left=0)], [hit(n, days=5.0, left=1) for n in range(30)]]
)
def test_too_little_is_not_identifiable_and_every_level_says_why(rows):
    result = weigh(rows, [], None)

    assert (result["value"], result["basis"]) == (None, None)
    assert result["reason"] == "not identifiable from the present data"
    assert [one["level"] for one in result["levels"]] == [one.name for one in LEVELS]
    assert all(one["reason"] for one in result["levels"])


def test_only_a_hold_out_or_a_launch_comparison_is_called_an_effect():
    assert [(one.name, one.kind, one.unit) for one in LEVELS] == [
        ("hold-out", "effect", "points"),
        ("launch comparison", "effect", "points"),
        ("Cox model", "adjusted association", "percent"),
        ("matched pairs", "adjusted association", "points"),
    ]
    assert weigh(company(effect=0.5), [], None)["kind"] == "adjusted association"
    assert weigh(arms((80, 20), (60, 40)), [], None, hold_out())["kind"] == "effect"


def test_a_launch_beside_a_drift_of_the_hitters_is_no_success():
    """Hitters' departures fall by 30% every 90 days, before the launch and after: plain differences call it an effect."""
    made = worlds.launched(np.random.default_rng(2), drift=0.7)
    weighed = weigh(made["hits"], made["near"], worlds.LAUNCH, as_of=worlds.LAUNCH + timedelta(days=600))

    result = levels(weighed)["launch comparison"]

    assert result["reason"] or result["low"] < 0 < result["high"]


def test_an_effective_launch_is_detected_despite_its_trend():
    made = worlds.launched(np.random.default_rng(2), ratio=0.4)
    weighed = weigh(made["hits"], made["near"], worlds.LAUNCH, as_of=worlds.LAUNCH + timedelta(days=600))

    result = levels(weighed)["launch comparison"]

    assert result["low"] > 0
    assert result["low"] < 22 < result["high"]


@pytest.mark.parametrize("small", range(4))
def test_each_of_the_four_groups_around_a_launch_needs_thirty_workspaces(small):
    """Hitters and near-hitters, before and after; one of the four groups has one workspace less."""

    def launch_of(least):
        sizes = [least if number == small else 60 for number in range(4)]
        groups = [
            [
                hit(f"{number}-{n}", days=100.0 if n % 3 else 40.0, left=int(n % 3 == 0), at=at)
                for n in range(size)
            ]
            for number, (size, at) in enumerate(zip(sizes, (before, LAUNCH, before, LAUNCH), strict=True))
        ]
        return levels(weigh(groups[0] + groups[1], groups[2] + groups[3], LAUNCH))["launch comparison"]

    before = LAUNCH - timedelta(days=20)
    assert launch_of(29)["reason"] == "fewer than 30 workspaces in one of the four groups around the launch"
    assert "fewer than" not in (launch_of(30)["reason"] or "")


def test_who_is_not_followed_for_ninety_days_yet_fills_no_group():
    young, old = AS_OF - timedelta(days=89), LAUNCH - timedelta(days=20)
    rows = [hit(f"{at}{n}", days=40.0, left=int(n % 2), at=at) for at in (young, old) for n in range(40)]

    reason = levels(weigh(rows, [dict(row) for row in rows], LAUNCH))["launch comparison"]["reason"]

    assert reason == "fewer than 30 workspaces in one of the four groups around the launch"
