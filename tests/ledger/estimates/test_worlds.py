"""Simulated worlds of known effect: each level's interval holds the truth, the naive comparison's does not."""

import numpy as np
import pytest

from ledger import estimates

HITTERS, DAYS = 3000, 180.0


def world(*, hazard_ratio=1.0, engaged=False, seed=1, hitters=HITTERS):
    """Hitters followed for 180 days: engagement, when they buy (if ever), when they leave, whether we saw it.

    `engaged`: engagement makes buying likelier and leaving rarer, so it confounds the two.
    """
    dice = np.random.default_rng(seed)
    engagement = dice.normal(size=hitters)
    pull = np.exp(0.8 * engagement) if engaged else np.ones(hitters)
    stay = np.exp(-0.8 * engagement) if engaged else np.ones(hitters)
    buys = dice.exponential(60 / pull)
    before = dice.exponential(80 / stay)
    after = buys + dice.exponential(80 / (stay * hazard_ratio))
    leaves = np.where(before <= buys, before, after)
    bought = buys < leaves
    seen = np.minimum(leaves, DAYS)
    return {
        "engagement": engagement,
        "buys": np.where(bought & (buys < DAYS), buys, np.nan),
        "days": seen,
        "left": (leaves <= DAYS).astype(int),
    }


def exposed(people, *, adjusted):
    """Rows (start, stop] of the counting process."""
    starts, stops, events, columns = [], [], [], []
    for x, buys, days, left in zip(
        people["engagement"], people["buys"], people["days"], people["left"], strict=True
    ):
        extra = [x] if adjusted else []
        if np.isnan(buys) or buys >= days:
            pieces = [(0.0, days, left, 0.0)]
        else:
            pieces = [(0.0, buys, 0, 0.0), (buys, days, left, 1.0)]
        for start, stop, event, bought in pieces:
            starts.append(start)
            stops.append(stop)
            events.append(event)
            columns.append([bought, *extra])
    return starts, stops, events, columns


def naive(people, *, adjusted=False):
    bought = (~np.isnan(people["buys"])).astype(float)
    columns = [[b, x] if adjusted else [b] for b, x in zip(bought, people["engagement"], strict=True)]
    return estimates.proportional_hazards(people["days"], people["left"], columns)[0]


def holds(estimate, truth):
    return estimate.low <= truth <= estimate.high


def test_without_any_effect_the_naive_comparison_invents_one_and_time_varying_exposure_does_not():
    people = world()
    ninety = people["days"] >= 90
    bought = ~np.isnan(people["buys"])

    wrong = naive(people)
    right = estimates.time_varying_hazards(*exposed(people, adjusted=False))[0]

    assert holds(right, 1.0)
    assert wrong.high < 0.5
    assert ninety[bought].mean() > 1.4 * ninety[~bought].mean()


@pytest.mark.parametrize(("truth", "seed"), [(1.0, 2), (0.7, 3)])
def test_engagement_is_removed_by_adjusting_for_it(truth, seed):
    people = world(hazard_ratio=truth, engaged=True, seed=seed)

    right = estimates.time_varying_hazards(*exposed(people, adjusted=True))[0]
    unadjusted = estimates.time_varying_hazards(*exposed(people, adjusted=False))[0]

    assert holds(right, truth)
    assert not holds(unadjusted, truth)
    assert not holds(naive(people, adjusted=True), truth)


def test_the_time_varying_interval_holds_the_truth_about_as_often_as_it_says():
    covered = sum(
        holds(
            estimates.time_varying_hazards(
                *exposed(world(hazard_ratio=0.7, engaged=True, seed=seed, hitters=1000), adjusted=True)
            )[0],
            0.7,
        )
        for seed in range(12)
    )

    assert covered >= 10


def test_a_matched_landmark_finds_no_effect_where_there_is_none():
    people = world(engaged=True, seed=4)
    bought = [None if np.isnan(b) else float(b) for b in people["buys"]]
    columns = [[x] for x in people["engagement"]]

    result = estimates.matched_landmark(people["days"], people["left"], bought, columns, ["engagement"])

    ninety = people["days"] >= 90
    buyers = np.array([b is not None for b in bought])
    assert holds(result, 0.0)
    assert ninety[buyers].mean() - ninety[~buyers].mean() > 0.2
    (name, before, after), *_ = result.balance
    assert (name, before > 0.3, after < 0.1) == ("engagement", True, True)


def test_a_matched_landmark_without_comparable_others_says_nothing():
    days, left = [100.0] * 60, [0] * 60

    result = estimates.matched_landmark(
        days, left, [1.0] * 30 + [None] * 30, [[0.0]] * 30 + [[50.0]] * 30, ["size"]
    )

    assert result is None


def retained(dice, share, n):
    return (dice.random(n) < share).astype(int).tolist()


def test_a_hold_out_finds_the_points_that_the_offer_is_worth():
    dice = np.random.default_rng(5)
    offered, control = retained(dice, 0.85, 2000), retained(dice, 0.80, 2000)

    result = estimates.hold_out(sum(offered), 2000, sum(control), 2000)

    assert holds(result, 0.05)
    assert result.low > 0


def launch_world(effect, *, drift=0.0, seed=6):
    """Hitters and near-hitters in six months around a launch; everybody improves, hitters by `effect` more."""
    dice = np.random.default_rng(seed)
    rows = []
    for period in range(-3, 3):
        for hit in (0, 1):
            share = 0.80 - 0.15 * hit + 0.01 * period + hit * (effect * (period >= 0) + drift * period)
            rows += [
                (k, hit, period, f"{period}/{hit}/{n}") for n, k in enumerate(retained(dice, share, 1500))
            ]
    return list(zip(*rows, strict=True))


def test_difference_in_differences_finds_the_launch_and_not_the_trend_that_all_share():
    stayed, hit, period, who = launch_world(0.06)
    late = [int(p >= 0) for p in period]

    result = estimates.difference_in_differences(stayed, hit, late, who)
    hitters = [(k, p >= 0) for k, h, p in zip(stayed, hit, period, strict=True) if h]
    before = np.mean([k for k, after in hitters if not after])
    naive_gain = np.mean([k for k, after in hitters if after]) - before

    assert holds(result, 0.06)
    assert naive_gain > result.value + 0.015


def test_an_event_study_is_flat_before_the_launch_and_shows_groups_that_drift_apart():
    flat = estimates.event_study(*launch_world(0.06))
    drifting = estimates.event_study(*launch_world(0.0, drift=0.05))

    assert all(holds(effect, 0.0) for period, effect in flat if period < 0)
    assert all(effect.low > 0 for period, effect in flat if period >= 0)
    assert not all(holds(effect, 0.0) for period, effect in drifting if period < 0)
