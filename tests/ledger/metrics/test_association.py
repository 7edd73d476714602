"""Buying and staying as an adjusted association: what it adjusts for, what it leaves out, and what could explain it."""

import numpy as np
import pytest

from ledger import estimates
from ledger.metrics import association
from tests.bench import worlds
from tests.ledger.metrics.test_evidence import company, hit, levels, weigh


def test_an_association_says_how_strong_a_hidden_cause_would_have_to_be():
    """Ratio of risks 0.5, interval to 0.8: E-values 2 + sqrt(2 * 1) = 3.41 and 1.25 + sqrt(1.25 * 0.25) = 1.81."""
    assert estimates.e_value(0.5, 0.8) == pytest.approx((3.4142, 1.8090), abs=1e-4)
    assert estimates.e_value(2.0, 1.25) == pytest.approx((3.4142, 1.8090), abs=1e-4)
    assert estimates.e_value(0.5, 1.2)[1] == 1.0

    result = levels(weigh(company(effect=0.5), [], None))["Cox model"]

    assert result["e_value"] > result["e_value_bound"] > 1
    assert str(result["e_value"]) in result["why_not_an_effect"]


def test_those_who_stop_buying_before_they_leave_look_loyal_only_without_a_lag():
    """Nobody's purchase changes anything: who has decided to leave stops buying, and goes at the end of the month."""
    people = worlds.leavers_stop_buying(np.random.default_rng(3))["hits"]

    result = {line["lag_days"]: line for line in association.cox_model(people)["sensitivity"]}

    assert set(result) == {0, 14, 30}
    assert result[0]["low"] > 0
    assert result[30]["low"] < 0 < result[30]["high"]


def test_minutes_are_adjusted_for_by_their_logarithm():
    """What moves both buying and leaving grows with the logarithm of use: seen as such, nothing is left of it."""
    people = worlds.observed(np.random.default_rng(5), seen=0.8)["hits"]

    result = association.cox_model(people)

    assert result["low"] < 0 < result["high"]


def test_a_kind_of_workspace_that_never_left_is_left_out_and_says_so():
    """Seventeen annual ones stayed, so nothing bounds their column; the answer is that of the monthly ones alone."""
    monthly = company(300, effect=0.6, seed=8)
    annual = [
        {
            **hit(f"a{n}", days=150.0, left=0, bought=10.0 if n % 2 else None, tenure=50.0 + n),
            "billing_cycle": "annual",
        }
        for n in range(17)
    ]

    both, alone = association.cox_model(monthly + annual), association.cox_model(monthly)

    assert both["left_out"] == ["annual"]
    assert (both["value"], both["low"], both["high"]) == (alone["value"], alone["low"], alone["high"])


def test_a_plan_that_is_new_in_the_table_is_adjusted_for_like_any_other():
    people = [{**row, "plan": ("starter", "team", "pro")[n % 3]} for n, row in enumerate(company(90))]

    assert {"plan team", "plan pro"} <= set(association.covariates(people))
    assert not {name for name in association.covariates(company(30)) if name.startswith("plan")}
