"""No estimate is surer than its data: tries of one workspace, days nobody reached, groups in which nothing varies."""

from dataclasses import astuple

import numpy as np
import pytest

from ledger import estimates


def test_a_curve_on_which_nobody_has_bought_is_not_sure_of_nothing():
    nobody = estimates.incidence([30.0] * 8 + [3.0], [0] * 9)
    everybody = estimates.incidence([1.0] * 8, [1] * 8)

    assert estimates.share_by(nobody, [30.0] * 8 + [3.0], [0] * 9, 14) == estimates.share(0, 8)
    assert estimates.share_by(everybody, [1.0] * 8, [1] * 8, 14) == estimates.share(8, 8)


def test_a_curve_says_nothing_of_a_day_to_which_nobody_was_watched():
    days, causes = [1.0, 5.0, 6.0], [1, 0, 0]
    curve = estimates.incidence(days, causes)

    assert estimates.share_by(curve, days, causes, 14) is None
    assert estimates.share_by(curve, days, causes, 6).value == pytest.approx(1 / 3)
    assert estimates.share_by(estimates.incidence([1.0, 5.0], [1, 2]), [1.0, 5.0], [1, 2], 14).value == 0.5


def test_a_mean_of_nothing_of_few_or_of_equals_has_no_interval():
    assert estimates.mean_by_workspace([], []) is None
    assert estimates.mean_by_workspace([150, 60, 60, 300], [1] * 4) is None
    assert estimates.mean_by_workspace([150 * n for n in range(1, 9)], list(range(1, 9))) is None


def near(actual, known):
    """Whether two intervals are one, but for rounding."""
    return astuple(actual) == pytest.approx(astuple(known))


def test_tries_of_one_workspace_tell_less_than_as_many_of_different_ones():
    alone = estimates.share_by_workspace([1] * 40 + [0] * 60, [1] * 100)
    alike = estimates.share_by_workspace([5] * 8 + [0] * 12, [5] * 20)
    each_half = estimates.share_by_workspace([2] * 20, [4] * 20)

    assert near(alone, estimates.share(40, 100))
    assert alike.value == 0.4
    assert alike.high - alike.low > 2 * (alone.high - alone.low)
    assert near(each_half, estimates.share(40, 80))


def test_tries_that_all_end_alike_are_as_many_as_there_are_workspaces():
    assert near(estimates.share_by_workspace([0] * 9, [3] * 9), estimates.share(0, 9))
    assert near(estimates.share_by_workspace([3] * 9, [3] * 9), estimates.share(9, 9))
    assert estimates.share_by_workspace([2], [5]).high > 0.9
    assert estimates.share_by_workspace([0, 0], [0, 0]) is None


def test_the_interval_over_workspaces_holds_the_truth_where_one_over_tries_does_not():
    dice = np.random.default_rng(3)
    over_tries = over_workspaces = 0
    for _world in range(200):
        tried = 1 + dice.poisson(3, 60)
        won = dice.binomial(tried, dice.beta(1.2, 1.8, 60))
        tries = estimates.share(int(won.sum()), int(tried.sum()))
        people = estimates.share_by_workspace(won, tried)
        over_tries += tries.low <= 0.4 <= tries.high
        over_workspaces += people.low <= 0.4 <= people.high

    assert over_workspaces >= 184
    assert over_tries < 176


def test_groups_in_which_nothing_varies_have_no_effect_that_is_sure():
    everybody = [1] * 200

    result = estimates.difference_in_differences(everybody, [0, 1] * 100, [0] * 100 + [1] * 100, range(200))
    pairs = estimates.matched_landmark([100.0] * 80, [0] * 80, [1.0] * 40 + [None] * 40, [[0.0]] * 80, ["x"])

    assert (result, pairs) == (None, None)


def test_an_event_study_leaves_out_periods_with_hardly_anybody():
    rows = [
        (n % 3 > 0, hit, period, f"{period}/{hit}/{n}")
        for period, size in ((-3, 2), (-2, 30), (-1, 30), (0, 30))
        for hit in (0, 1)
        for n in range(size)
    ]

    result = estimates.event_study(*zip(*rows, strict=True))

    assert [period for period, _effect in result] == [-2, 0]
    assert estimates.event_study([1, 0], [0, 1], [0, 0], ["a", "b"]) == []


def test_many_periods_before_a_launch_are_judged_together():
    def lead(value):
        return estimates.Effect(value, value - 0.098, value + 0.098, 100)

    assert estimates.drifts_apart([lead(0.11)])
    assert not estimates.drifts_apart([lead(0.11), *[lead(0.0)] * 11])
    assert estimates.drifts_apart([lead(0.15), *[lead(0.0)] * 11])
    assert not estimates.drifts_apart([])


def test_half_is_reached_between_the_days_on_which_the_band_reaches_it():
    days = [float(day) for day in range(1, 41)]
    curve = estimates.incidence(days, [1] * 40)
    band = dict(zip(curve.times, zip(curve.low, curve.high, strict=True), strict=True))

    low, high = estimates.quantile_bounds(curve, 0.5)

    assert (low, estimates.quantile(curve, 0.5), high) == (15, 20, 27)
    assert band[low][1] >= 0.5 > band[low - 1][1]
    assert band[high][0] >= 0.5 > band[high - 1][0]
    assert estimates.quantile_bounds(curve, 1.5) == (None, None)
