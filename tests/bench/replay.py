"""The price replay of 100,000 workspaces from monthly facts, against a plain Python loop with lots over daily uses.

Run alone: `python -m tests.bench.replay`. The facts are made from the very uses that the loop walks through; on a sample
both must say the same, to the minute. Also what a dragged slider costs, 200 draws of uncertainty, memory,
and loading the facts that the worker has stored. Reading them from a ledger of that size is timed in `overview`.
"""

import resource
import statistics
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from ledger.pricing.calibration import Choices
from ledger.pricing.decisions import DecisionMonth
from ledger.pricing.demand import prices_of
from ledger.pricing.history import UsageHistory
from ledger.pricing.lab import Lab, central_demand, compare, quick
from ledger.pricing.packing import pack, unpack
from ledger.pricing.question import Question
from ledger.pricing.replay import replay
from ledger.pricing.snapshot import Snapshot
from ledger.pricing.tariff import Tariff, TariffPackage

WORKSPACES, SAMPLE, BLOCK = 100_000, 400, 5_000
ROUNDS = 7
MONTH_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
STARTS = np.concatenate([[0], np.cumsum(MONTH_LENGTHS)[:-1]])
PLANS = ("pro", "starter")
ALLOWANCES = {"pro": 300, "starter": 200}
MENU = (
    TariffPackage("small", "Small", 60, 999),
    TariffPackage("medium", "Medium", 150, 1999),
    TariffPackage("large", "Large", 300, 3499),
    TariffPackage("jumbo", "Jumbo", 600, 5999),
)
MINUTES = 150
NEED = 0.005
CHANGED = {"pro": 300, "starter": 170}
BARS = {
    "replay": 300.0,
    "replay-slider": 50.0,
    "replay-draws": 2.0,
    "replay-memory": 600.0,
    "replay-load": 1000.0,
}


def main() -> None:
    """Print the ratio, and time and memory beside their bars. Raises SystemExit when one is missed."""
    history, days, seconds = _facts()
    print(f"replay-preparation - {seconds:.1f} s (daily uses to monthly facts)")
    ours, loops = [], []
    history.wanted, history.months_given  # noqa: B018 - summed up once, when the history is read
    for _ in range(ROUNDS):
        ours.append(_seconds(lambda: replay(history, CHANGED, MINUTES)))
        loops.append(_seconds(lambda: _loops(history, days)) * WORKSPACES / SAMPLE)
    _equal(history, days)
    ratio = statistics.median(loops) / statistics.median(ours)
    milliseconds = 1000 * statistics.median(ours)
    print(
        f"replay {ratio:,.0f} {milliseconds:.1f} ms (plain loop {statistics.median(loops):.1f} s, "
        f"equal on {SAMPLE} workspaces; bar >= {BARS['replay']:g})"
    )
    lab = _lab(history)
    _stored_snapshot(lab)
    slider, draws = _slider(lab), _draws(lab)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"replay-memory - {memory:,.0f} MB at the most (bar < {BARS['replay-memory']:g})")
    stored = ratio >= BARS["replay"] and memory < BARS["replay-memory"]
    if not (stored and slider < BARS["replay-slider"] and draws < BARS["replay-draws"]):
        raise SystemExit(1)


def _facts() -> tuple[UsageHistory, NDArray[np.int64], float]:
    """A year of daily uses summed to monthly facts; the daily uses of a sample; how long the summing took."""
    rng = np.random.default_rng(1)
    demand = np.empty((len(STARTS), WORKSPACES), dtype=np.int32)
    stored, seconds = [], 0.0
    week = np.where(np.arange(365) % 7 < 5, 1.25, 0.375)
    for start in range(0, WORKSPACES, BLOCK):
        pace = rng.lognormal(1.8, 0.6, BLOCK)
        uses = rng.poisson(week[:, None] * pace)
        begun = time.perf_counter()
        demand[:, start : start + BLOCK] = np.add.reduceat(uses, STARTS, axis=0)
        seconds += time.perf_counter() - begun
        stored.append(uses[:, : SAMPLE * BLOCK // WORKSPACES].copy())
    annual = rng.random(WORKSPACES) < 0.15
    months = np.where(annual, np.where(np.arange(12)[:, None] == 0, 12, 0), 1).astype(np.int16)
    plan = np.broadcast_to((rng.random(WORKSPACES) < 0.6).astype(np.int8), demand.shape).copy()
    names = [f"w{number}" for number in range(WORKSPACES)]
    pace = np.rint(demand.mean(axis=0))
    history = UsageHistory(
        names, PLANS, PLANS, demand, months, plan, plan[0].astype(np.int16),
        ahead=(pace // 2).astype(np.int32), pause=(pace // 25).astype(np.int32),
    )  # fmt: skip
    return history, np.concatenate(stored, axis=1), seconds


def _sampled() -> NDArray[np.intp]:
    """Return the workspaces of the stored daily uses: the first ones of each block."""
    each = SAMPLE * BLOCK // WORKSPACES
    return (np.arange(0, WORKSPACES, BLOCK)[:, None] + np.arange(each)).ravel()


def _loops(history: UsageHistory, days: NDArray[np.int64]) -> list[tuple[int, int, int]]:
    starts = dict.fromkeys(STARTS.tolist())
    said = []
    for column, number in enumerate(_sampled()):
        allowance = CHANGED[PLANS[int(history.plan[0, number])]]
        given = dict(zip(starts, (history.months[:, number] * allowance).tolist(), strict=True))
        said.append(_plain_loop(days[:, column].tolist(), given))
    return said


def _plain_loop(uses: list[int], given: dict[int, int]) -> tuple[int, int, int]:
    """Day by day, lot by lot: packages bought, paid minutes left, plan minutes left."""
    plan: deque[int] = deque()
    paid: deque[int] = deque()
    bought = 0
    for day, demand in enumerate(uses):
        if minutes := given.get(day):
            plan.append(minutes)
        wanted = demand
        while wanted:
            lots = plan or paid
            if not lots:
                paid.append(MINUTES)
                bought += 1
                lots = paid
            drawn = min(lots[0], wanted)
            wanted -= drawn
            lots[0] -= drawn
            if not lots[0]:
                lots.popleft()
    return bought, sum(paid), sum(plan)


def _equal(history: UsageHistory, days: NDArray[np.int64]) -> None:
    answer = replay(history, CHANGED, MINUTES)
    for number, said in zip(_sampled(), _loops(history, days), strict=True):
        ours = (answer.packages[number], answer.paid_left[number], answer.free_left[number])
        if ours != said:
            raise SystemExit(f"the replay differs from the plain loop: {ours} and {said}")


def _lab(history: UsageHistory) -> Lab:
    """Two segments that choose alike, at prices nobody has varied yet."""
    counts = np.tile([1200.0, 300, 180, 80, 40], (1, len(PLANS), 1, 1))
    choices = Choices(PLANS, MENU, prices_of(MENU)[None, :], np.zeros(1), counts)
    return Lab.of(history, choices, Tariff(ALLOWANCES, MENU))


def _stored_snapshot(lab: Lab) -> None:
    """Measure what the worker stores for a number of workspaces: its size, and the time to load it."""
    month = DecisionMonth(datetime(2026, 1, 1, tzinfo=UTC), lab.choices.counts.sum(axis=2), 0, 0, 0, 0)
    taken = Snapshot(
        "sandbox", month.month, "bench", lab.history, lab.history, lab.tariff, lab.choices, (month,), 0, 0
    )
    packing = _cost(lambda: pack(taken))[1]
    block = pack(taken)
    wall, own = (
        1000 * statistics.median(each)
        for each in zip(*(_cost(lambda: unpack(block)) for _ in range(ROUNDS)), strict=True)
    )
    print(
        f"replay-load - {own:.0f} ms of processor time ({wall:.0f} ms passed; {len(block) / 1e6:.1f} MB stored, "
        f"packed in {packing:.1f} s; bar < {BARS['replay-load']:g})"
    )
    if own >= BARS["replay-load"]:
        raise SystemExit(1)


def _slider(lab: Lab) -> float:
    """One answer at each position of an allowance slider, as the page asks; gives the middle one's milliseconds."""
    costs = []
    for minutes in range(150, 260, 10):
        question = Question(Tariff({"pro": 300, "starter": minutes}, MENU), need_weight=NEED)
        demand = central_demand(lab.choices, question)
        costs.append(_cost(lambda q=question, d=demand: quick(lab.scenario(q), d, seed=1)))
    wall, own = (1000 * statistics.median(each) for each in zip(*costs, strict=True))
    print(
        f"replay-slider - {own:.0f} ms of processor time ({wall:.0f} ms passed; the middle of {len(costs)} positions, "
        f"{lab.history.size:,} workspaces; bar < {BARS['replay-slider']:g})"
    )
    return own


def _draws(lab: Lab) -> float:
    part = lab.sampled()
    question = Question(Tariff(CHANGED, MENU), need_weight=NEED)
    costs = [_cost(lambda: compare(part, question, draws=200, seed=1)) for _ in range(3)]
    wall, own = (statistics.median(each) for each in zip(*costs, strict=True))
    print(
        f"replay-draws - {own:.2f} s of processor time ({wall:.2f} s passed; 200 draws, {part.history.size:,} "
        f"workspaces; bar < {BARS['replay-draws']:g})"
    )
    return own


def _seconds(work: Callable[[], object]) -> float:
    return _cost(work)[0]


def _cost(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds that passed, and seconds of processor time: on a quiet machine the same."""
    begun, own = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - begun, time.process_time() - own


if __name__ == "__main__":
    main()
