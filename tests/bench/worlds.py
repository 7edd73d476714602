"""Thirteen simulated worlds of known effect, and what each level of evidence says of them: `python -m tests.bench.worlds`.

Printed for each: how often the level stood, its mean, how often its interval holds the truth, how often it announces a
success, and whether that would be a false one. Bars, for whatever is called an effect (hold-out, launch comparison): at
most 2 false successes of 30, and the truth in at least 27 of 30, with a drift before the launch and without. Effects cost
little and are judged in four times as many worlds: of only 30, one honest interval in seventeen holds fewer than 27.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from ledger.experiments.holdouts import HoldOut
from ledger.metrics.association import cox_model
from ledger.metrics.evidence import hold_out_level, launch_level
from ledger.metrics.levels import EFFECT

LAUNCH = datetime(2026, 1, 1, tzinfo=UTC)
PEOPLE, WORLDS, SEED = 1200, 30, 11
WORLDS_OF_AN_EFFECT = 4
FOLLOWED = 365.0
BASE = 1 / 150
"""Departures a day of a workspace that nothing moves."""
Rows = list[dict[str, object]]


@dataclass(frozen=True)
class World:
    """`truth` in the unit of its level; `made` gives what the level needs."""

    name: str
    says: str
    truth: float
    is_effect: bool
    made: Callable[[np.random.Generator], dict[str, object]]


def hit(
    number: int,
    at: datetime,
    days: float,
    *,
    bought: float | None = None,
    minutes: float = 200.0,
    **more: object,
):
    """A workspace that was followed for a year after its limit hit, or until it left."""
    return {
        "workspace_id": f"w{number}",
        "at": at,
        "value": min(days, FOLLOWED),
        "weight": int(days <= FOLLOWED),
        "bought_after_days": bought if bought is not None and bought < min(days, FOLLOWED) else None,
        "tenure_days": 100.0,
        "minutes_before": minutes,
        "minutes_per_day_before": minutes / 60,
        "plan": "starter",
        "billing_cycle": "monthly",
        "hold_out": None,
        "arm": None,
        **more,
    }


def observed(
    dice: np.random.Generator, *, ratio: float = 1.0, seen: float = 0.0, hidden: float = 0.0
) -> dict[str, object]:
    """Buyers whose purchase multiplies their rate of leaving by `ratio`; `seen` and `hidden` causes move both."""
    rows = []
    for number in range(PEOPLE):
        size, loyal = dice.normal(), dice.normal()
        pull = np.exp(seen * size + hidden * loyal)
        rate = BASE * np.exp(-seen * size - hidden * loyal)
        buys = dice.exponential(40 / pull)
        leaves = dice.exponential(1 / rate)
        if leaves > buys:
            leaves = buys + dice.exponential(1 / (rate * ratio))
        minutes = float(np.exp(5 + size))
        rows.append(hit(number, LAUNCH, float(leaves), bought=float(buys), minutes=minutes))
    return {"hits": rows}


def leavers_stop_buying(dice: np.random.Generator) -> dict[str, object]:
    """No effect: who has decided to leave stops buying at once, and goes at the end of the month."""
    rows = []
    for number in range(PEOPLE):
        decides = float(dice.exponential(120))
        leaves = (np.floor(decides / 30) + 1) * 30
        buys = float(dice.exponential(40))
        rows.append(hit(number, LAUNCH, leaves, bought=buys if buys < decides else None))
    return {"hits": rows}


def held_out(dice: np.random.Generator, *, ratio: float) -> dict[str, object]:
    """Half see no offer and do not buy; a hidden cause moves buying and staying of all."""
    rows = []
    for number in range(PEOPLE):
        loyal = dice.normal()
        rate = BASE * np.exp(-0.8 * loyal)
        arm = "control" if number % 2 else "treatment"
        buys = float(dice.exponential(40 / np.exp(0.8 * loyal))) if arm == "treatment" else np.inf
        leaves = float(dice.exponential(1 / rate))
        if leaves > buys:
            leaves = buys + float(dice.exponential(1 / (rate * ratio)))
        bought = None if np.isinf(buys) else buys
        rows.append(hit(number, LAUNCH, leaves, bought=bought, hold_out="spring", arm=arm))
    return {"hits": rows, "hold_outs": [HOLD_OUT]}


HOLD_OUT = HoldOut(
    name="spring", source="live", share_percent=50, hits_needed=PEOPLE // 2, reason="worth it?",
    starts_at=LAUNCH - timedelta(days=1), ends_at=None, created_by="bench",
)  # fmt: skip


def launched(dice: np.random.Generator, *, ratio: float = 1.0, drift: float = 1.0) -> dict[str, object]:
    """Hitters and near-hitters around a launch: hitters' rate changes by `ratio` then, and by `drift` every 90 days."""
    groups: dict[int, Rows] = {0: [], 1: []}
    for number in range(2 * PEOPLE):
        group = number % 2
        day = float(dice.uniform(-180, 180))
        rate = BASE * 0.6 * np.exp(-0.5 * dice.normal()) * (1.5 if group else 1.0)
        if group:
            rate *= drift ** (day / 90) * (ratio if day >= 0 else 1.0)
        groups[group].append(hit(number, LAUNCH + timedelta(days=day), float(dice.exponential(1 / rate))))
    return {"hits": groups[1], "near": groups[0], "launch": LAUNCH}


def points(ratio: float, make: Callable[[np.random.Generator, float], tuple[Rows, Rows]]) -> float:
    """The true points of 90-day retention, from many of the same world."""
    with_it, without = make(np.random.default_rng(SEED), ratio)
    return 100 * (_staying(with_it) - _staying(without))


def _staying(rows: Rows) -> float:
    return float(np.mean([float(str(row["value"])) >= 90 for row in rows]))


def _arms(dice: np.random.Generator, ratio: float) -> tuple[Rows, Rows]:
    rows = [row for _ in range(100) for row in held_out(dice, ratio=ratio)["hits"]]  # type: ignore[attr-defined]
    return tuple([row for row in rows if row["arm"] == arm] for arm in ("treatment", "control"))  # type: ignore[return-value]


def _after(dice: np.random.Generator, ratio: float) -> tuple[Rows, Rows]:
    return tuple(  # type: ignore[return-value]
        [row for _ in range(100) for row in launched(dice, ratio=each)["hits"] if row["at"] >= LAUNCH]  # type: ignore[attr-defined]
        for each in (ratio, 1.0)
    )


def worlds() -> Iterator[World]:
    """Every world; those of the Cox model in percent fewer departures, the others in points of 90-day retention."""
    yield World("A", "no effect, nothing confounds", 0, False, observed)
    yield World("B", "no effect, an observed cause", 0, False, lambda dice: observed(dice, seen=0.8))
    yield World(
        "C", "40% fewer, an observed cause", 40, False, lambda dice: observed(dice, ratio=0.6, seen=0.8)
    )
    yield World(
        "D", "50% more, an observed cause", -50, False, lambda dice: observed(dice, ratio=1.5, seen=0.8)
    )
    yield World("E", "no effect, a hidden cause", 0, False, lambda dice: observed(dice, hidden=0.8))
    yield World(
        "F", "40% fewer, a hidden cause", 40, False, lambda dice: observed(dice, ratio=0.6, hidden=0.8)
    )
    yield World("G", "no effect, leavers stop buying first", 0, False, leavers_stop_buying)
    yield World("H", "hold-out, no effect, a hidden cause", 0, True, lambda dice: held_out(dice, ratio=1.0))
    yield World(
        "I", "hold-out, buying helps", points(0.4, _arms), True, lambda dice: held_out(dice, ratio=0.4)
    )
    yield World(
        "J", "hold-out, buying harms", points(2.0, _arms), True, lambda dice: held_out(dice, ratio=2.0)
    )
    yield World("K", "launch, no effect", 0, True, launched)
    yield World("L", "launch, it helps", points(0.4, _after), True, lambda dice: launched(dice, ratio=0.4))
    yield World("M", "launch, no effect, hitters drift away", 0, True, lambda dice: launched(dice, drift=0.7))


def judged(world: World, many: int) -> tuple[int, str, bool]:
    """How many stood, a line about them, and whether the bars hold."""
    stood = []
    for seed in range(many):
        made = world.made(np.random.default_rng([SEED, ord(world.name), seed]))
        answer = _answer(made)
        if answer["value"] is not None:
            stood.append(answer)
    holds = sum(one["low"] <= world.truth <= one["high"] for one in stood)
    successes = sum(one["low"] > 0 for one in stood)
    false = successes if world.truth <= 0 else 0
    kind = stood[0]["kind"] if stood else "-"
    mean = np.mean([one["value"] for one in stood]) if stood else float("nan")
    line = (
        f"worlds-{world.name} {holds}/{len(stood)} hold the truth {world.truth:+.1f} (mean {mean:+.1f}), "
        f"{successes} successes, {false} false: {kind} ({world.says})"
    )
    missing = len(stood) - holds
    good = kind != EFFECT or (10 * missing <= len(stood) and 15 * false <= many)
    return len(stood), line, good


def _answer(made: dict[str, object]) -> dict[str, object]:
    """Return the level that the world is about."""
    hits: Rows = made["hits"]  # type: ignore[assignment]
    as_of = LAUNCH + timedelta(days=FOLLOWED + 200)
    if "hold_outs" in made:
        return hold_out_level(hits, made["hold_outs"], as_of)  # type: ignore[arg-type]
    if "launch" in made:
        return launch_level(hits, made["near"], made["launch"], as_of)  # type: ignore[arg-type]
    return cox_model(hits)


def main() -> None:
    """Print a line for each world. Raises SystemExit when a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--worlds", type=int, default=WORLDS, help="how many of each kind; of effects four times"
    )
    many = parser.parse_args().worlds
    missed = []
    for world in worlds():
        _stood, line, good = judged(world, many * (WORLDS_OF_AN_EFFECT if world.is_effect else 1))
        print(line, flush=True)
        missed += [] if good else [world.name]
    if missed:
        raise SystemExit(f"worlds whose effect is not honest: {', '.join(missed)}")


if __name__ == "__main__":
    main()
