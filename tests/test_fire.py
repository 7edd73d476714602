"""The short form of the fault campaign, and its checker: whatever goes wrong in a ledger has to be noticed."""

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

import ledger
from tests.fire.arena import Arena
from tests.fire.model import Exchange, Statement, faults_of, lost_or_doubled, out_of_order
from tests.fire.plan import FAULTS, Call, round_of
from tests.fire.rounds import play
from tests.stories import START

SEEDS = (1, 3)


@pytest.mark.slow
@pytest.mark.own_server
def test_rounds_of_faults_lose_nothing_double_nothing_and_leave_nothing_half() -> None:
    home = Path(tempfile.mkdtemp(prefix="minutes-fire-"))
    home.chmod(0o711)
    try:
        with Arena.opened(home) as arena:
            results = [play(arena, seed) for seed in SEEDS]
    finally:
        shutil.rmtree(home)

    assert [problem for result in results for problem in result.problems] == []
    assert all(result.calls for result in results)


def test_a_seed_plans_the_same_round_every_time_and_seeds_differ() -> None:
    assert round_of(7) == round_of(7)
    assert round_of(7).calls != round_of(8).calls
    assert {fault.name for seed in range(200) for fault in round_of(seed).faults} == set(FAULTS)


@pytest.fixture
def statement(db: Connection) -> Statement:
    """Two lots, a use that empties the first and warns, one that is cut short."""
    ledger.create_workspace(db, "acme", name="A", owner_email="a@b.example", actor="t", at=START)
    ledger.update_plan_allocation(db, "acme", "starter", "monthly", key="plan", actor="t", at=START)
    ledger.grant_minutes(db, "acme", 60, reason="r", key="gift", actor="t", at=START)
    for number, minutes in enumerate((210, 20, 40)):
        ledger.track_minutes(db, "acme", minutes, key=f"use-{number}", at=START + timedelta(hours=number))
    return Statement(ledger.list_entries(db, "acme", limit=100)[::-1], ledger.list_lots(db, "acme"))


def exchange(key: str, minutes: int, statement: Statement, **answer: object) -> Exchange:
    """Return one use with its answer, by default what was booked."""
    entry = statement.uses[key]
    booked = {
        "from_plan": -entry.plan_delta,
        "from_extra": -entry.extra_delta,
        "unmet_minutes": entry.unmet_minutes,
        "thresholds": list(entry.thresholds),
    }
    return Exchange(Call(key, "use", "acme", {"minutes": minutes}), 1.0, 2.0, booked | answer)


def test_what_was_booked_right_is_accepted(statement: Statement) -> None:
    answers = [exchange("use-0", 210, statement), exchange("use-2", 40, statement)]

    assert list(faults_of(statement)) == []
    assert list(lost_or_doubled(answers, {"acme": statement})) == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda s: Statement(s.entries[:-1], s.lots),
        lambda s: Statement([*s.entries, replace(s.entries[-1], entry_no=6)], s.lots),
        lambda s: Statement([s.entries[0], *s.entries[2:]], s.lots),
        lambda s: Statement([*s.entries[:2], replace(s.entries[2], thresholds=()), *s.entries[3:]], s.lots),
        lambda s: Statement([*s.entries[:-1], replace(s.entries[-1], unmet_minutes=9)], s.lots),
        lambda s: Statement(
            [*s.entries[:2], replace(s.entries[2], plan_minutes=1, extra_minutes=49), *s.entries[3:]], s.lots
        ),
        lambda s: Statement(s.entries, [replace(s.lots[0], remaining=1), *s.lots[1:]]),
    ],
    ids=[
        "a lost entry",
        "doubled",
        "a lost credit",
        "a lost warning",
        "unmet",
        "another lot first",
        "half a draw",
    ],
)
def test_what_was_booked_wrong_is_named(
    statement: Statement, spoil: Callable[[Statement], Statement]
) -> None:
    assert list(faults_of(spoil(statement))) != []


def test_an_answer_that_is_not_what_was_booked_is_named(statement: Statement) -> None:
    wrong = [
        exchange("use-0", 210, statement, from_plan=199),
        exchange("use-1", 20, statement, thresholds=[]) if statement.uses["use-1"].thresholds else None,
        replace(exchange("use-2", 40, statement), call=Call("never", "use", "acme", {"minutes": 40})),
        replace(exchange("use-2", 40, statement), answer=None),
    ]
    answers = [each for each in wrong if each]

    assert len(list(lost_or_doubled(answers, {"acme": statement}))) == len(answers)


def test_a_refusal_needs_a_moment_with_too_little(statement: Statement) -> None:
    first = statement.entries[0].recorded_at.timestamp()
    refused = {"refused": "InsufficientMinutes"}
    fair = Exchange(Call("no", "full_use", "acme", {"minutes": 5_000}), first - 1, first + 60, refused)
    unfair = Exchange(Call("no", "full_use", "acme", {"minutes": 1}), first + 60, first + 61, refused)
    last = replace(statement.entries[-1], plan_minutes=0, extra_minutes=30)

    assert list(lost_or_doubled([fair], {"acme": statement})) == []
    full = Statement([*statement.entries[:-1], last], statement.lots)
    assert len(list(lost_or_doubled([unfair], {"acme": full}))) == 1


def test_a_call_that_began_after_an_answer_stands_behind_it(statement: Statement) -> None:
    early = replace(exchange("use-0", 210, statement), began=1.0, ended=2.0)
    late = replace(exchange("use-1", 20, statement), began=3.0, ended=4.0)

    assert list(out_of_order([early, late], {"acme": statement})) == []
    early.began, early.ended, late.began, late.ended = 3.0, 4.0, 1.0, 2.0
    assert len(list(out_of_order([early, late], {"acme": statement}))) == 1
