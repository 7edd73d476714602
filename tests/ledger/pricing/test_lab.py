"""The lab: scenario beside replayed baseline, uncertainty, who gains and loses, what it hangs on, and its backtest."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from ledger.pricing import losers, sensitivity
from ledger.pricing.backtest import backtest
from ledger.pricing.badges import ASSUMED, MEASURED, NOT_IDENTIFIABLE, badges, belief_of
from ledger.pricing.calibration import Belief, Choices, demand_from, shares_of
from ledger.pricing.decisions import DecisionMonth
from ledger.pricing.demand import prices_of, probabilities
from ledger.pricing.history import UsageHistory
from ledger.pricing.lab import Lab, central_demand, compare, quick, refine, repeated
from ledger.pricing.question import Question, question_of
from ledger.pricing.refusals import NoHistory, PricingRefused, WrongAllowance, WrongAssumption
from ledger.pricing.tariff import Tariff, TariffPackage
from tests.pricing_company import repriced

MENU = (
    TariffPackage("small", "Small", 60, 999),
    TariffPackage("medium", "Medium", 150, 1999),
    TariffPackage("large", "Large", 300, 3499),
    TariffPackage("jumbo", "Jumbo", 600, 5999),
)
TODAY = Tariff({"pro": 300, "starter": 200}, MENU)
SEEN = Choices.of_counts(MENU, [680, 140, 100, 50, 30])


def lab_of(size=400, months=8, seed=2, choices=None):
    rng = np.random.default_rng(seed)
    plan = (np.arange(size) % 3 == 0).astype(np.int8)
    rate = rng.lognormal(5.2, 0.5, size)
    history = UsageHistory(
        [f"w{n}" for n in range(size)],
        ("starter", "pro"),
        ("starter", "pro"),
        rng.poisson(rate * rng.lognormal(0, 0.3, (months, size))).astype(np.int32),
        np.ones((months, size), dtype=np.int16),
        np.tile(plan, (months, 1)),
        plan.astype(np.int16),
    )
    return Lab.of(history, choices or two_segments(), TODAY)


def two_segments():
    counts = np.zeros((1, 2, 1, 5))
    counts[0, 0, 0] = [700, 130, 100, 40, 30]
    counts[0, 1, 0] = [300, 80, 60, 40, 20]
    return Choices(("starter", "pro"), MENU, prices_of(MENU)[None, :], np.zeros(1), counts)


def test_a_question_that_changes_nothing_has_no_difference_in_any_draw():
    answer = compare(lab_of(), Question(TODAY), draws=20, seed=1)

    for name in ("revenue", "hits", "unmet", "conversion", "liability"):
        _, _, difference = answer.band(name)
        assert (difference.low, difference.middle, difference.high) == (0, 0, 0)
    assert answer.chance_up == 0
    assert losers.biggest_changes(answer) == ([], [])


def test_dearer_packages_lower_conversion_and_more_minutes_lower_limit_hits():
    lab = lab_of()

    dearer = compare(lab, Question(repriced(TODAY, 1.3)), draws=40, seed=1)
    generous = compare(lab, Question(Tariff({"starter": 260, "pro": 300}, MENU)), draws=40, seed=1)

    assert dearer.band("conversion")[2].high < 0
    assert dearer.band("average_price")[2].middle > 0
    assert generous.band("hits")[2].high < 0
    assert generous.band("unmet")[2].high < 0
    assert generous.band("plan_minutes")[2].low > 0


def test_allowances_that_block_nobody_are_answered_with_nothing_sold():
    generous = Tariff({"starter": 1_000_000, "pro": 1_000_000}, MENU)
    lab = lab_of()

    answer = compare(lab, Question(generous, need_weight=0.005), draws=20, seed=1)

    for name in ("revenue", "hits", "purchases", "unmet", "liability", "conversion"):
        assert set(answer.scenario.output(name)) == {0.0}
    side = quick(lab.scenario(Question(generous)), central_demand(lab.choices, Question(generous)), seed=1)
    assert side.output("plan_minutes").tolist() == [lab.history.demand.sum()]


def test_a_tariff_saved_before_a_plan_came_is_refused_with_the_name_of_the_plan():
    older = Question(Tariff({"pro": 300}, MENU))

    for ask in (lambda: compare(lab_of(), older, draws=20, seed=1), lambda: lab_of().scenario(older)):
        with pytest.raises(WrongAllowance, match="starter"):
            ask()


def test_replays_of_one_side_differ_by_chance_around_the_one_at_the_middle():
    lab, question = lab_of(), Question(TODAY)

    replays, again = (repeated(lab, lab.baseline(), question, draws=12, seed=4) for _ in range(2))

    revenue = replays.output("revenue")
    middle = quick(lab.baseline(), central_demand(lab.choices, question), seed=4).output("revenue")[0]
    assert revenue.tolist() == again.output("revenue").tolist()
    assert len(set(revenue)) == 12
    assert revenue.mean() == pytest.approx(middle, rel=0.1)


@pytest.mark.parametrize("draws", [-1, 0, 19, 5001])
def test_a_number_of_draws_that_says_nothing_is_refused(draws):
    with pytest.raises(WrongAssumption):
        compare(lab_of(), Question(TODAY), draws=draws, seed=1)


@pytest.mark.parametrize(
    "ask",
    [
        lambda lab: compare(lab, Question(TODAY), draws=20, seed=-1),
        lambda lab: repeated(lab, lab.baseline(), Question(TODAY), draws=20, seed=-1),
        lambda lab: quick(lab.baseline(), central_demand(SEEN, Question(TODAY)), seed=-1),
        lambda _lab: backtest(SEEN, [], Belief(), seed=-1),
    ],
    ids=["compare", "repeated", "quick", "backtest"],
)
def test_a_seed_below_0_is_refused_by_name(ask):
    with pytest.raises(WrongAssumption, match="seed -1"):
        ask(lab_of())


def test_the_same_seed_gives_the_same_answer_and_refining_only_adds_draws():
    lab, question = lab_of(), Question(repriced(TODAY, 1.1))

    steps = list(refine(lab, question, draws=30, seed=7))
    again = compare(lab, question, draws=30, seed=7)

    assert [step.draws for step in steps] == [10, 20, 30]
    assert steps[-1].scenario.sums["revenue"].tolist() == again.scenario.sums["revenue"].tolist()
    assert steps[0].scenario.sums["revenue"].tolist() == again.scenario.sums["revenue"][:10].tolist()


def test_a_sample_stands_for_everybody_within_its_own_error():
    lab, question = lab_of(size=4000), Question(TODAY)

    whole = compare(lab, question, draws=20, seed=1).band("revenue")[0]
    part = compare(lab.sampled(1000), question, draws=20, seed=1).band("revenue")[0]

    assert lab.sampled(1000).history.size == 1000
    assert part.middle == pytest.approx(whole.middle, rel=0.15)


def test_one_segment_is_replayed_alone_and_a_segment_of_nobody_is_refused():
    lab = lab_of()

    pro, starter = lab.only("pro"), lab.only("starter")

    assert pro.history.size + starter.history.size == lab.history.size
    with pytest.raises(NoHistory):
        lab.only("gold")


def test_the_quick_answer_is_one_draw_at_the_middle_of_every_belief():
    lab, question = lab_of(), Question(TODAY)
    side, same = lab.sides(question)

    answer = quick(side, central_demand(lab.choices, question), seed=3)

    assert answer.sums["revenue"].shape == (1,)
    assert answer.sums["revenue"][0] == answer.mix[0] @ [999, 1999, 3499, 5999]
    assert quick(same, central_demand(lab.choices, question), seed=3).sums["hits"] == answer.sums["hits"]


def test_losers_are_those_whose_bill_rises_and_their_changes_add_up():
    answer = compare(lab_of(), Question(Tariff({"starter": 150, "pro": 300}, MENU)), draws=20, seed=1)

    falls, rises = losers.biggest_changes(answer)

    assert len(rises) == 20
    assert all(change.change_cents > 0 for change in rises)
    assert rises == sorted(rises, key=lambda change: -change.change_cents)
    assert all(change.change_cents < 0 for change in falls)
    assert losers.changed_bills(answer).sum() == pytest.approx(
        np.subtract(*answer.bills[::-1]).sum(), abs=400
    )


def test_the_break_even_churn_is_where_the_gain_is_gone():
    answer = compare(lab_of(), Question(Tariff({"starter": 170, "pro": 300}, MENU)), draws=20, seed=1)

    uplift = losers.break_even_churn(answer)

    assert 0 < uplift < 1
    assert losers.revenue_after_leaving(answer, uplift) == pytest.approx(answer.bills[0].sum(), rel=1e-4)
    assert losers.revenue_after_leaving(answer, 0) == pytest.approx(answer.bills[1].sum())


def test_the_break_even_elasticity_is_where_the_replayed_change_is_nothing():
    lab, question = lab_of(), Question(repriced(TODAY, 1.1))

    even = sensitivity.break_even_elasticity(lab, question, seed=1)

    assert -1 < even < -0.2
    gain = sensitivity.revenue_change(lab, question, seed=1, elasticity=even)
    assert abs(gain) < abs(sensitivity.revenue_change(lab, question, seed=1, elasticity=-1.0)) / 3


def test_the_tornado_is_widest_for_the_elasticity_of_a_price_change():
    bars = sensitivity.tornado(lab_of(), Question(repriced(TODAY, 1.1)), seed=1)

    widths = {name: abs(bar.high - bar.low) for name, bar in bars.items()}
    assert max(widths, key=widths.get) == "elasticity"
    assert set(widths) == {"elasticity", "conversion", "usage", "mix"}


def months_of(rng, demand, prices, hits, count=8):
    months = []
    for number in range(count):
        decided = rng.multinomial(
            rng.poisson(hits), probabilities(demand.value - demand.price_weight * prices)[0]
        )
        cents = round(100 * float(decided[1:] @ prices))
        months.append(
            DecisionMonth(
                datetime(2025, number + 1, 1, tzinfo=UTC),
                decided.astype(float)[None, None, :],
                int(decided.sum()),
                int(decided[1:].sum()),
                0,
                cents,
            )
        )
    return months


def test_the_backtest_is_shown_when_it_loses_to_same_as_last_month():
    demand = demand_from(SEEN, shares_of(SEEN), -1.0)
    months = months_of(np.random.default_rng(1), demand, prices_of(MENU), 300)
    still = [DecisionMonth(m.month, m.counts, m.hits, m.purchases, 0, 500_000) for m in months]

    tested = backtest(SEEN, still, Belief(), seed=1)

    assert tested.error_of_last_month == 0
    assert tested.error > 0
    assert backtest(SEEN, months[:4], Belief(), seed=1) is None


def test_a_month_whose_limit_hits_are_not_all_decided_is_not_tested():
    demand = demand_from(SEEN, shares_of(SEEN), -1.0)
    months = months_of(np.random.default_rng(1), demand, prices_of(MENU), 300)
    ends = months[7].month  # of the month before, the last whole one

    def tested(decided_to):
        return [t.month for t in backtest(SEEN, months, Belief(), seed=1, decided_to=decided_to).months]

    assert tested(ends)[-1] == months[6].month
    assert tested(ends - timedelta(seconds=1))[-1] == months[5].month


def test_badges_say_measured_assumed_or_not_identifiable():
    varied = two_segments()
    dearer = varied.counts * [1.1, 0.8, 0.8, 0.8, 0.8]
    prices = np.stack([prices_of(MENU), prices_of(MENU) * 1.2])
    measured = Choices(
        varied.segments, MENU, prices, np.zeros(1), np.rint(np.concatenate([varied.counts, dearer]))
    )

    by_name = {b.parameter: b.origin for b in badges(varied, Question(TODAY))}
    then = {b.parameter: b.origin for b in badges(measured, Question(TODAY, belief_of(measured)))}
    own = {b.parameter: b.origin for b in badges(measured, Question(TODAY, Belief(-0.7, 0.1)))}

    assert by_name["Elasticity of conversion"] == NOT_IDENTIFIABLE
    assert belief_of(varied) == Belief()
    assert then["Elasticity of conversion"] == MEASURED
    assert own["Elasticity of conversion"] == ASSUMED
    assert by_name["Shares of waiting and packages"] == MEASURED


def test_the_worth_of_a_needed_minute_is_shown_with_three_digits_that_mean_something():
    question = Question(TODAY, need_weight=0.00850645)

    shown = {b.parameter: b.value for b in badges(two_segments(), question)}

    assert shown["Worth of a needed minute"] == "0.00851"


def test_a_question_survives_being_stored():
    question = Question(repriced(TODAY, 1.1), Belief(-0.8, 0.2), "pro", 0.001, 0.1, 0.02)

    assert question_of(question.as_json()) == question
    with pytest.raises(PricingRefused):
        question_of({"tariff": {}})


def test_assumptions_that_mean_nothing_are_refused():
    with pytest.raises(WrongAssumption):
        Question(TODAY, usage_response=1.5)
    with pytest.raises(WrongAssumption):
        Question(TODAY, churn_uplift=-0.1)
