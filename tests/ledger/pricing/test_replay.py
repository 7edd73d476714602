"""Exact replay: the running maximum says what a loop over lots says, to the minute."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.pricing.history import UsageHistory
from ledger.pricing.refusals import NoHistory, WrongPackageMinutes, WrongRule
from ledger.pricing.replay import deficits, replay

ALLOWANCES = {"starter": 200, "pro": 300}


def history_of(*usage, plan="starter", grants=None, months=None):
    """One workspace for each list of minutes; a monthly credit opens every step."""
    demand = np.array(usage).T
    plans = np.full(demand.shape, ("starter", "pro").index(plan), dtype=np.int8)
    credited = np.ones(demand.shape, dtype=np.int16) if months is None else np.array(months).T
    return UsageHistory(
        [f"w{n}" for n in range(demand.shape[1])],
        ("starter", "pro"),
        ("all",),
        demand,
        credited,
        plans,
        np.zeros(demand.shape[1], dtype=np.int16),
        grants=None if grants is None else np.array(grants).T,
    )


@dataclass
class Lot:
    """A lot of the plain loop."""

    kind: str
    left: int


ORDERS = {
    "plan_first": lambda lots: sorted(lots, key=lambda lot: lot.kind != "plan"),
    "oldest_first": list,
    "extra_first": lambda lots: sorted(lots, key=lambda lot: lot.kind == "plan"),
}


def plain_loop(credited, demand, package, burn_order):
    """Day by day, lot by lot: (days of the purchases, paid minutes left, other minutes left)."""
    lots, days = [], []
    for day, (plan, grant, demanded) in enumerate(zip(*credited, demand, strict=True)):
        lots += [Lot(kind, size) for kind, size in (("plan", plan), ("grant", grant)) if size]
        wanted = demanded
        while wanted:
            for lot in ORDERS[burn_order](lots):
                drawn = min(lot.left, wanted)
                lot.left -= drawn
                wanted -= drawn
            lots = [lot for lot in lots if lot.left]
            if wanted:
                lots.append(Lot("paid", package))
                days.append(day)
    paid = sum(lot.left for lot in lots if lot.kind == "paid")
    return days, paid, sum(lot.left for lot in lots) - paid


@pytest.mark.parametrize(
    ("allowance", "packs", "left"),
    [(200, [1, 1, 1], [140, 0, 80]), (150, [1, 2, 2], [10, 0, 80])],
)
def test_the_hand_replay_sells_three_packages_at_200_minutes_and_five_at_150(allowance, packs, left):
    history = history_of([150, 260, 180], [300, 100, 350], [80, 90, 500])

    answer = replay(history, {"starter": allowance, "pro": 300}, 150)

    assert answer.packages.tolist() == packs
    assert answer.paid_left.tolist() == left
    assert round(float(answer.packages.sum() * 19.99), 2) == {200: 59.97, 150: 99.95}[allowance]


def test_the_deficit_is_the_worst_moment_of_the_history_not_its_end():
    history = history_of([150, 260, 180])

    assert deficits(history, ALLOWANCES).tolist() == [10]
    assert deficits(history, {"starter": 150, "pro": 0}).tolist() == [140]


days = st.lists(
    st.tuples(
        st.sampled_from([0, 0, 0, 1, 12]),  # months of allowance credited that day
        st.sampled_from([0, 0, 0, 0, 25, 130]),  # minutes given by hand that day
        st.integers(0, 400),
    ),
    min_size=1,
    max_size=40,
)


@settings(max_examples=400)
@given(
    people=st.lists(days, min_size=1, max_size=5),
    allowance=st.integers(0, 350),
    package=st.integers(1, 600),
    with_grants=st.booleans(),
    burn_order=st.sampled_from(sorted(ORDERS)),
)
def test_replay_equals_a_plain_loop_over_lots_in_counts_and_both_balances(
    people, allowance, package, with_grants, burn_order
):
    length = max(map(len, people))
    padded = [person + [(0, 0, 0)] * (length - len(person)) for person in people]
    months, grants, demand = np.array(padded).transpose(2, 0, 1)
    grants = grants if with_grants else np.zeros_like(grants)
    history = history_of(*demand, months=months, grants=grants if with_grants else None)
    allowances = {"starter": allowance, "pro": 0}

    answer = replay(history, allowances, package, burn_order=burn_order)

    for w in range(len(people)):
        credited = (months[w] * allowance, grants[w])
        days_, paid, free = plain_loop(credited, demand[w], package, burn_order)
        assert (answer.packages[w], answer.paid_left[w], answer.free_left[w]) == (len(days_), paid, free)


@settings(max_examples=100)
@given(person=days, allowance=st.integers(0, 350), package=st.integers(1, 600))
def test_one_step_for_each_credit_gives_what_daily_steps_give(person, allowance, package):
    months, _, demand = np.array(person).T
    daily = history_of(demand, months=[months])
    starts = [day for day in range(len(person)) if day == 0 or months[day]]
    bounds = [*starts, len(person)]
    coarse = history_of([demand[a:b].sum() for a, b in pairwise(bounds)], months=[months[starts]])
    allowances = {"starter": allowance, "pro": 0}

    for burn_order in ORDERS:
        fine = replay(daily, allowances, package, burn_order=burn_order)
        short = replay(coarse, allowances, package, burn_order=burn_order)
        assert (fine.packages, fine.paid_left, fine.free_left) == (
            short.packages,
            short.paid_left,
            short.free_left,
        )


def test_burn_order_moves_the_liability_and_not_the_sales():
    rng = np.random.default_rng(7)
    history = history_of(*rng.poisson(190, (300, 12)))

    plan_first = replay(history, ALLOWANCES, 150)
    oldest_first = replay(history, ALLOWANCES, 150, burn_order="oldest_first")

    assert plan_first.packages.tolist() == oldest_first.packages.tolist()
    assert plan_first.paid_left.sum() > 2 * oldest_first.paid_left.sum()
    assert (plan_first.paid_left + plan_first.free_left).tolist() == (
        oldest_first.paid_left + oldest_first.free_left
    ).tolist()


def test_a_huge_demand_is_counted_without_overflow():
    history = history_of([2**40, 2**41])

    assert replay(history, ALLOWANCES, 60).packages.tolist() == [-(-(2**40 + 2**41 - 400) // 60)]


def test_usage_follows_the_allowance_only_on_request():
    history = history_of([100, 200])

    same = history.responding(ALLOWANCES, {"starter": 300, "pro": 300}, 0)
    more = history.responding(ALLOWANCES, {"starter": 300, "pro": 300}, 0.2)

    assert same is history
    assert more.demand.T.tolist() == [[110, 220]]


def test_an_empty_history_a_package_of_nothing_and_an_unknown_burn_order_are_refused_by_name():
    with pytest.raises(NoHistory):
        history_of([])
    with pytest.raises(WrongPackageMinutes):
        replay(history_of([1]), ALLOWANCES, 0)
    with pytest.raises(WrongRule):
        replay(history_of([1]), ALLOWANCES, 60, burn_order="newest_first")
