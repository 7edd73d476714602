"""The demo company ran a price test: its true elasticity is found again, from its people and from its ledger."""

from datetime import UTC, date, datetime

import numpy as np
import pytest
from sqlalchemy import Engine

import ledger
from ledger import demo
from ledger.demo import parameters
from ledger.metrics.rollups import refresh_rollups
from ledger.pricing.badges import belief_of
from ledger.pricing.calibration import Choices, measure_elasticity, measure_need_weight
from ledger.pricing.demand import prices_of, probabilities
from ledger.pricing.lab import Lab, central_demand, quick
from ledger.pricing.question import Question
from ledger.pricing.snapshot import take_snapshot
from ledger.pricing.tariff import TariffPackage

MENU = (
    TariffPackage("small", "Small", 60, 999),
    TariffPackage("medium", "Medium", 150, 1999),
    TariffPackage("large", "Large", 300, 3499),
    TariffPackage("jumbo", "Jumbo", 600, 5999),
)
LIST = prices_of(MENU)
SIZES = np.array([p.minutes for p in MENU])
PLANS = ("pro", "starter")
NEEDS = np.array([15.0, 45, 100, 220, 450, 900])
UNTIL = datetime(2026, 6, 1, tzinfo=UTC)


def chances(plan, factor):
    """What the demo's people choose at the limit, at list prices times `factor`: [need, choice]."""
    useful = parameters.NEED_WORTH * np.minimum(SIZES, NEEDS[:, None])
    return probabilities(parameters.READINESS[plan] + useful - parameters.PRICE_SENSITIVITY * LIST * factor)


def true_elasticity():
    """Percent change of conversion for one percent on all prices, both plans and all needs alike."""
    before, after = (
        np.mean([1 - chances(plan, factor)[:, 0].mean() for plan in PLANS]) for factor in (1.0, 1.0001)
    )
    return (after / before - 1) / 0.0001


def decisions(rng, hits):
    """A price test as the demo company runs it, with a number of limit hits for each plan, need and arm."""
    factors = (1.0, parameters.OTHER_PRICES)
    counts = np.array([
        [[rng.multinomial(hits, chance) for chance in chances(plan, factor)] for plan in PLANS]
        for factor in factors
    ], dtype=float)  # fmt: skip
    prices = np.array([LIST * factor for factor in factors])
    return Choices(PLANS, MENU, prices, NEEDS, counts, trial=counts)


def test_the_elasticity_of_the_demos_people_is_recovered_with_an_honest_standard_error():
    rng = np.random.default_rng(11)
    beliefs = [measure_elasticity(decisions(rng, 400)) for _ in range(25)]

    errors = np.array([(belief.mean - true_elasticity()) / belief.spread for belief in beliefs])
    assert (abs(errors) < 2).mean() > 0.8
    assert np.mean([belief.spread for belief in beliefs]) < 0.25


def test_the_worth_of_a_needed_minute_of_the_demos_people_is_recovered():
    result = measure_need_weight(decisions(np.random.default_rng(3), 2000))

    assert result == pytest.approx(parameters.NEED_WORTH, rel=0.15)


@pytest.mark.slow
def test_from_the_demos_ledger_the_elasticity_is_measured_and_the_replay_is_near_what_happened(
    engine: Engine,
):
    demo.build(engine, workspaces=300, months=10, until=date(2026, 6, 1), seed=3, progress=False)
    with ledger.writing(engine) as db:
        refresh_rollups(db, at=UNTIL, timezone="UTC")
    with ledger.reading(engine) as db:
        taken = take_snapshot(db, source="demo", at=UNTIL)

    belief = belief_of(taken.choices)
    lab = Lab.of(taken.history, taken.choices, taken.tariff)
    question = Question(taken.tariff, belief, need_weight=measure_need_weight(taken.choices))
    replayed = quick(lab.baseline(), central_demand(taken.choices, question), seed=1)

    assert belief.measured
    assert abs(belief.mean - true_elasticity()) < 3 * belief.spread
    happened = sum(month.hits for month in taken.months)
    assert replayed.output("hits")[0] == pytest.approx(happened, rel=0.35)
    revenue = sum(month.revenue_cents for month in taken.months)
    assert replayed.output("revenue")[0] == pytest.approx(revenue, rel=0.35)
