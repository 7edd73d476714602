"""Replay step by step: caps, carry-over, package life and decisions, checked against a loop over lots."""

from dataclasses import dataclass, replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.pricing.demand import Demand
from ledger.pricing.history import UsageHistory
from ledger.pricing.luck import draw_keys, keys_of, luck
from ledger.pricing.replay import replay
from ledger.pricing.simulation import prepare, run, simulate
from ledger.pricing.tariff import Tariff, TariffPackage

MENU = (TariffPackage("small", "Small", 60, 999), TariffPackage("medium", "Medium", 150, 1999))


@dataclass
class Lot:
    """A lot of the plain loop; `age` in credits of the plan since it was bought."""

    kind: str
    left: int
    cents: int = 0
    age: int = 0


KEYS = {
    "plan_first": lambda lot: lot.kind != "plan",
    "oldest_first": lambda _lot: 0,
    "extra_first": lambda lot: lot.kind == "plan",
}


def after_a_credit(lots, tariff):
    """(lots that live on, minutes that lapsed) when the plan gives again."""
    lapsed = 0
    for lot in lots:
        lot.age += 1
    if tariff.carry_minutes is not None:
        over = max(sum(lot.left for lot in lots if lot.kind == "plan") - tariff.carry_minutes, 0)
        lapsed += over
        for lot in lots:
            if lot.kind == "plan":
                less = min(lot.left, over)
                lot.left -= less
                over -= less
    if tariff.package_life is not None:
        old = [lot for lot in lots if lot.kind == "paid" and lot.age >= tariff.package_life]
        lapsed += sum(lot.left for lot in old)
        lots = [lot for lot in lots if lot not in old]
    return lots, lapsed


def plain_loop(steps, tariff, decide, pause=0):
    """(cents spent, limit hits, unmet, expired, paid left, other minutes left) of one workspace, lot by lot."""
    lots, spent, hits, unmet, expired = [], 0, 0, 0, 0
    last = max((n for n, (months, _, used) in enumerate(steps) if months or used), default=0)
    for step, (months, grant, used) in enumerate(steps):
        if months:
            lots, lapsed = after_a_credit(lots, tariff)
            expired += lapsed
        lots.append(Lot("plan", months * tariff.allowances["starter"]))
        lots.append(Lot("grant", grant))
        attempt, wanted = 0, used
        while wanted:
            for lot in sorted(lots, key=KEYS[tariff.burn_order]):
                drawn = min(lot.left, wanted)
                lot.left -= drawn
                wanted -= drawn
            if not wanted:
                break
            hits += 1
            picked = 0 if attempt == tariff.most_packages else decide(step, attempt, wanted)
            lost = min(pause, wanted)
            if picked == 0 or (lost == wanted and step == last):  # the purchase is still to come
                unmet += wanted
                break
            unmet += lost
            wanted -= lost
            package = tariff.packages[picked - 1]
            spent += package.amount_cents
            lots.append(Lot("paid", package.minutes))
            attempt += 1
    paid = sum(lot.left for lot in lots if lot.kind == "paid")
    return spent, hits, unmet, expired, paid, sum(lot.left for lot in lots) - paid


def history_of(people, *, with_grants=True, pause=0, ahead=0):
    """People are lists of (months credited, grant, minutes wanted)."""
    months, grants, demand = np.array(people).transpose(2, 1, 0)
    return UsageHistory(
        [f"w{n}" for n in range(len(people))],
        ("starter",),
        ("all",),
        demand,
        months.astype(np.int16),
        np.zeros(demand.shape, dtype=np.int8),
        np.zeros(len(people), dtype=np.int16),
        grants=grants if with_grants else None,
        pause=np.full(len(people), pause) if pause else None,
        ahead=np.full(len(people), ahead) if ahead else None,
    )


steps = st.lists(
    st.tuples(st.sampled_from([0, 1, 1, 1]), st.sampled_from([0, 0, 0, 40]), st.integers(0, 500)),
    min_size=8,
    max_size=8,
)
optional = st.none() | st.integers(0, 4)


@settings(max_examples=300)
@given(
    people=st.lists(steps, min_size=1, max_size=4),
    allowance=st.integers(0, 250),
    most=optional,
    carry=st.none() | st.integers(0, 200),
    life=st.none() | st.integers(1, 4),
    burn_order=st.sampled_from(sorted(KEYS)),
    waits=st.floats(0, 1),
    pause=st.sampled_from([0, 0, 1, 50, 300]),
)
def test_caps_carry_over_package_life_and_time_to_buy_equal_a_plain_loop_over_lots(
    people, allowance, most, carry, life, burn_order, waits, pause
):
    if carry is not None and burn_order == "oldest_first":
        people = [[(m, 0, d) for m, _, d in person] for person in people]  # plan and grant pools blur there
    tariff = Tariff({"starter": allowance}, MENU, "usd", burn_order, most, carry, life)
    history = history_of(people, pause=pause)
    lucks = draw_keys(keys_of(history.workspace_ids), 5, 0)

    def picks(chance):
        return np.where(chance < waits, 0, np.where(chance < (1 + waits) / 2, 1, 2)).astype(np.int8)

    outcome = simulate(history, tariff, lambda who, step, attempt, _: picks(luck(lucks[who], step, attempt)))

    for w, person in enumerate(people):
        mine = lucks[w : w + 1]
        expected = plain_loop(
            person, tariff, lambda s, a, _, mine=mine: int(picks(luck(mine, s, a))[0]), pause
        )
        assert expected == (
            outcome.spent_cents[w],
            outcome.hits[w],
            outcome.unmet[w],
            outcome.expired[w],
            outcome.paid[w],
            outcome.plan[w] + outcome.grant[w],
        )


def test_when_everybody_buys_the_stepwise_replay_is_the_closed_form():
    rng = np.random.default_rng(3)
    history = history_of([[(1, 0, n) for n in row] for row in rng.poisson(230, (200, 12))], with_grants=False)
    tariff = Tariff({"starter": 200}, MENU[1:])

    outcome = simulate(history, tariff, lambda who, *_: np.ones(who.size, dtype=np.int8))
    exact = replay(history, tariff.allowances, 150)

    assert outcome.bought[:, 0].tolist() == exact.packages.tolist()
    assert outcome.paid.tolist() == exact.paid_left.tolist()
    assert outcome.plan.tolist() == exact.free_left.tolist()


def demand_of(wait_share):
    value = np.log(np.array([[0.7, 0.3]]) * (1 - wait_share) / wait_share) + 0.05 * np.array([9.99, 19.99])
    return Demand(("all",), MENU, value, 0.05)


def test_leaving_out_those_who_are_never_blocked_changes_nothing():
    rng = np.random.default_rng(4)
    people = [[(1, 0, n) for n in row] for row in rng.poisson(190, (100, 6))]
    history, tariff = history_of(people, with_grants=False), Tariff({"starter": 200}, MENU)
    keys = keys_of(history.workspace_ids)
    part = prepare(history, tariff)

    few = run(part, [demand_of(0.6)], [draw_keys(part.keys, 9, 0)])
    everybody = prepare(history, Tariff({"starter": 200}, MENU, carry_minutes=10**6), keys)
    all_of_them = run(everybody, [demand_of(0.6)], [draw_keys(keys, 9, 0)])

    assert 0 < part.part.size < history.size
    assert few.spent_cents.tolist() == all_of_them.spent_cents[part.chosen].tolist()
    assert few.unmet.sum() == all_of_them.unmet.sum() > 0


def test_need_reaches_over_grants_and_beyond_the_history_up_to_the_next_credit_of_the_plan():
    history = history_of(
        [[(1, 0, 10), (0, 5, 20), (1, 0, 30), (0, 5, 40)], [(1, 0, 7), (1, 0, 8), (0, 0, 0), (0, 0, 0)]],
        ahead=100,
        pause=1,
    )

    assert history.until_credit.T.tolist() == [[20, 0, 140, 100], [0, 100, 100, 100]]
    assert history.last_step.tolist() == [3, 1]
    assert history.scaled(2.0).until_credit[2].tolist() == [280, 200]


def test_who_is_blocked_on_the_last_day_buys_for_the_rest_of_the_period():
    people = [[(1, 0, 210)]] * 400
    tariff, demand = Tariff({"starter": 200}, MENU), replace(demand_of(0.6), need_weight=0.01)

    few, many = (
        run(part, [demand], [draw_keys(part.keys, 1, 0)]).bought.sum(axis=0)
        for part in (
            prepare(history_of(people, with_grants=False, ahead=ahead), tariff) for ahead in (0, 200)
        )
    )

    assert many.sum() > 1.2 * few.sum()
    assert many[1] / many.sum() > few[1] / few.sum()


def test_replays_side_by_side_are_the_replays_one_by_one():
    rng = np.random.default_rng(4)
    people = [[(1, 0, n) for n in row] for row in rng.poisson(220, (50, 6))]
    part = prepare(history_of(people, with_grants=False), Tariff({"starter": 200}, MENU))
    demands = [demand_of(0.5), demand_of(0.8)]
    keys = [draw_keys(part.keys, 1, draw) for draw in range(2)]

    together = run(part, demands, keys)
    apart = [run(part, [d], [k]) for d, k in zip(demands, keys, strict=True)]

    assert together.spent_cents.tolist() == [c for one in apart for c in one.spent_cents.tolist()]


def test_a_workspace_keeps_its_luck_whoever_is_replayed_beside_it():
    alone = luck(draw_keys(keys_of(["w7"]), 1, 3), 2, 0)
    among = luck(draw_keys(keys_of([f"w{n}" for n in range(20)]), 1, 3), 2, 0)

    assert alone[0] == among[7]
    assert len(set(among.tolist())) == 20


def test_luck_is_spread_evenly_over_zero_to_one():
    numbers = luck(draw_keys(keys_of([f"w{n}" for n in range(20_000)]), 1, 0), 5, 1)

    counts = np.histogram(numbers, bins=10, range=(0, 1))[0]
    assert abs(counts - 2000).max() < 200
