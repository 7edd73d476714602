"""Speed of the pricing lab at 100,000 workspaces: lines of `name ratio value unit`, and the bars they must meet."""

import resource
import time
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from ledger.pricing.calibration import Belief, Choices
from ledger.pricing.demand import prices_of
from ledger.pricing.history import History
from ledger.pricing.lab import Lab, central_demand, compare, quick
from ledger.pricing.question import Question
from ledger.pricing.replay import replay
from ledger.pricing.tariff import Package, Tariff

WORKSPACES, DAYS, SAMPLE, CHUNK = 100_000, 365, 500, 4_000
MONTHS = np.linspace(0, DAYS, 13).astype(int)[:-1]  # days on which the plan gives minutes
PACKAGE = 150
MENU = (
    Package("small", "Small", 60, 999),
    Package("medium", "Medium", 150, 1999),
    Package("large", "Large", 300, 3499),
    Package("jumbo", "Jumbo", 600, 5999),
)
TODAY = Tariff({"starter": 200, "pro": 300}, MENU)
Daily = NDArray[np.int32]


def daily_uses() -> tuple[Daily, NDArray[np.int32], float]:
    """Daily minutes of the sample, minutes by month of everybody, and the seconds that adding them up took."""
    rng = np.random.default_rng(1)
    monthly = np.empty((len(MONTHS), WORKSPACES), dtype=np.int32)
    sample: list[Daily] = []
    spent = 0.0
    for start in range(0, WORKSPACES, CHUNK):
        rate = rng.lognormal(1.75, 0.55, CHUNK)
        days = rng.poisson(rate[:, None] * rng.lognormal(0, 0.4, (CHUNK, DAYS))).astype(np.int32)
        if sum(map(len, sample)) < SAMPLE:
            sample.append(days[:SAMPLE])
        began = time.perf_counter()
        monthly[:, start : start + CHUNK] = np.add.reduceat(days, MONTHS, axis=1).T
        spent += time.perf_counter() - began
    return np.concatenate(sample)[:SAMPLE], monthly, spent


def history_of(monthly: NDArray[np.int32]) -> History:
    """Facts of everybody, every third on Pro."""
    steps, size = monthly.shape
    plan = (np.arange(size) % 3 == 0).astype(np.int8)
    return History(
        [f"w{n}" for n in range(size)], ("starter", "pro"), ("starter", "pro"), monthly,
        np.ones((steps, size), dtype=np.int16), np.tile(plan, (steps, 1)), plan.astype(np.int16),
    )  # fmt: skip


def plain_loop(days: list[int], allowance: int, package: int) -> tuple[int, int, int]:
    """Lot by lot, day by day: packages bought, bought minutes left, plan minutes left."""
    plan: list[int] = []
    extra: list[int] = []
    bought = 0
    credits_ = set(MONTHS.tolist())
    for day, wanted in enumerate(days):
        if day in credits_:
            plan.append(allowance)
        for lots in (plan, extra):
            while wanted and lots:
                drawn = min(lots[0], wanted)
                lots[0] -= drawn
                wanted -= drawn  # noqa: PLW2901 - what is still wanted
                if not lots[0]:
                    lots.pop(0)
        while wanted:
            bought += 1
            drawn = min(package, wanted)
            wanted -= drawn  # noqa: PLW2901 - what is still wanted
            if package > drawn:
                extra.append(package - drawn)
    return bought, sum(extra), sum(plan)


def best_of(times: int, work: Callable[[], object]) -> float:
    """Seconds of the fastest of so many runs."""
    fastest = float("inf")
    for _ in range(times):
        began = time.perf_counter()
        work()
        fastest = min(fastest, time.perf_counter() - began)
    return fastest


def lines() -> Iterator[str]:
    """Measure, and check that the replay says what the loop says."""
    days, monthly, added = daily_uses()
    history = history_of(monthly)
    began = time.perf_counter()
    assert history.months_given[0].shape == history.wanted.shape
    yield f"replay-prepare - {1000 * (added + time.perf_counter() - began):.0f} ms"
    answer = replay(history, TODAY.allowances, PACKAGE)
    people = [(person.tolist(), 300 if number % 3 == 0 else 200) for number, person in enumerate(days)]
    began = time.perf_counter()
    looped = [plain_loop(person, allowance, PACKAGE) for person, allowance in people]
    loop = (time.perf_counter() - began) * WORKSPACES / SAMPLE
    replayed = zip(answer.packages, answer.paid_left, answer.free_left, strict=True)
    assert looped == [tuple(map(int, row)) for row, _ in zip(replayed, people, strict=False)]
    fast = best_of(5, lambda: replay(history, TODAY.allowances, PACKAGE))
    yield f"replay {loop / fast:.0f} {1000 * fast:.1f} ms"
    yield from _lab_lines(history)
    yield f"replay-memory - {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"


def _lab_lines(history: History) -> Iterator[str]:
    counts = np.tile([680.0, 140, 100, 50, 30], (1, 2, 1, 1))
    choices = Choices(("starter", "pro"), MENU, prices_of(MENU)[None, :], np.zeros(1), counts)
    lab = Lab.of(history, choices, TODAY)
    question = Question(Tariff({"starter": 180, "pro": 300}, MENU), Belief(-1.0, 0.35), need_weight=0.005)
    demand = central_demand(choices, question)
    slider = best_of(5, lambda: replay(history, question.tariff.allowances, PACKAGE))
    yield f"allowance-slider-exact - {1000 * slider:.1f} ms"
    choosing = best_of(5, lambda: quick(lab.scenario(question), demand, seed=1))
    yield f"allowance-slider-choices - {1000 * choosing:.1f} ms"
    small = lab.sampled(10_000)
    yield f"uncertainty-200-draws - {best_of(2, lambda: compare(small, question, draws=200, seed=1)):.2f} s"


if __name__ == "__main__":
    for line in lines():
        print(line, flush=True)
