"""Uses that arrive together are booked together, and exactly as if they had come alone."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

import ledger
from dashboard.api.coalesce import Coalescer
from dashboard.server.problems import Problem
from ledger.database import writing

NOW = datetime(2026, 3, 1, tzinfo=UTC)


class Book:
    """Notes which batches it was given; each takes until it is let go."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.gate = asyncio.Event()

    async def __call__(self, items: list[int]) -> list[int]:
        self.batches.append(items)
        await self.gate.wait()
        return [item * 10 for item in items]


def test_the_first_goes_at_once_and_those_behind_it_share_the_next_batch() -> None:
    async def story() -> tuple[list[list[int]], list[int]]:
        book = Book()
        together: Coalescer[int, int] = Coalescer(book, batch=3)
        calls = [asyncio.create_task(together.submit(1))]
        await settle()
        calls += [asyncio.create_task(together.submit(item)) for item in (2, 3, 4, 5)]
        await settle()
        book.gate.set()
        return book.batches, await asyncio.gather(*calls)

    batches, answers = asyncio.run(story())

    assert batches == [[1], [2, 3, 4], [5]]
    assert answers == [10, 20, 30, 40, 50]


def test_an_idle_coalescer_takes_up_work_again() -> None:
    async def story() -> list[list[int]]:
        book = Book()
        book.gate.set()
        together: Coalescer[int, int] = Coalescer(book)
        for item in (1, 2):
            await together.submit(item)
        return book.batches

    assert asyncio.run(story()) == [[1], [2]]


def test_a_full_queue_refuses_and_says_when_to_come_back() -> None:
    async def story() -> Problem:
        book = Book()
        together: Coalescer[int, int] = Coalescer(book, batch=1, queue=2)
        calls = [asyncio.create_task(together.submit(item)) for item in (1, 2, 3)]
        await settle()
        with pytest.raises(Problem) as refused:
            for _ in range(3):
                calls.append(asyncio.create_task(together.submit(9)))
                await settle()
            await calls[-1]
        book.gate.set()
        await asyncio.gather(*calls, return_exceptions=True)
        return refused.value

    problem = asyncio.run(story())

    assert (problem.status_code, problem.code, problem.headers) == (503, "busy", {"Retry-After": "1"})


def test_a_failed_batch_fails_its_own_callers_only() -> None:
    async def story() -> list[object]:
        async def book(items: list[int]) -> list[int]:
            await asyncio.sleep(0)
            if 2 in items:
                raise RuntimeError("broken")
            return items

        together: Coalescer[int, int] = Coalescer(book, batch=1)
        return await asyncio.gather(*(together.submit(item) for item in (1, 2, 3)), return_exceptions=True)

    first, second, third = asyncio.run(story())

    assert (first, third) == (1, 3)
    assert isinstance(second, RuntimeError)


def test_a_caller_that_goes_away_takes_nobody_along() -> None:
    async def story() -> tuple[list[list[int]], int]:
        book = Book()
        together: Coalescer[int, int] = Coalescer(book)
        gone, stays = (asyncio.create_task(together.submit(item)) for item in (1, 2))
        await settle()
        gone.cancel()
        book.gate.set()
        return book.batches, await stays

    assert asyncio.run(story()) == ([[1, 2]], 20)


async def settle() -> None:
    """Let everything that can run, run."""
    for _ in range(10):
        await asyncio.sleep(0)


USES = st.lists(
    st.tuples(st.sampled_from(["a", "b", "c", "nobody"]), st.integers(1, 90), st.sampled_from("abcdefgh")),
    min_size=1,
    max_size=30,
)


@settings(max_examples=25)
@given(uses=USES, batch=st.integers(1, 7))
def test_together_is_exactly_as_one_by_one(
    engine: Engine, uses: list[tuple[str, int, str]], batch: int
) -> None:
    alone = [one(engine, use) for use in requested(engine, uses)]

    async def all_at_once() -> list[ledger.Use | ledger.Refused]:
        async def book(items: list[dict[str, Any]]) -> list[ledger.Use | ledger.Refused]:
            return await asyncio.to_thread(many, engine, items)

        coalescer: Coalescer[dict[str, Any], ledger.Use | ledger.Refused] = Coalescer(book, batch=batch)
        return await asyncio.gather(*(coalescer.submit(use) for use in requested(engine, uses)))

    together = asyncio.run(all_at_once())

    assert [facts(each) for each in together] == [facts(each) for each in alone]


def requested(engine: Engine, uses: list[tuple[str, int, str]]) -> list[dict[str, Any]]:
    """The uses, for three new workspaces with 200 minutes each."""
    names = {who: f"{who}-{uuid4().hex}" for who in "abc"}
    with writing(engine) as db:
        for name in names.values():
            ledger.create_workspace(db, name, name="A", owner_email="a@b.example", actor="t", at=NOW)
            ledger.grant_minutes(db, name, 200, reason="test", key="g", actor="t", at=NOW)
    return [
        {"workspace_id": names.get(who, who), "minutes": minutes, "key": key, "at": NOW}
        for who, minutes, key in uses
    ]


def one(engine: Engine, use: dict[str, Any]) -> ledger.Use | ledger.Refused:
    """Book one use in a transaction of its own."""
    with writing(engine) as db:
        try:
            return ledger.track_minutes(db, **use)
        except ledger.LedgerError as error:
            return ledger.Refused(code=error.code, detail="")


def many(engine: Engine, uses: list[dict[str, Any]]) -> list[ledger.Use | ledger.Refused]:
    """Book a batch in a transaction of its own."""
    with writing(engine) as db:
        return ledger.track_uses(db, uses)


def facts(booked: ledger.Use | ledger.Refused) -> object:
    """What both ways must agree on."""
    return booked.code if isinstance(booked, ledger.Refused) else replace(booked, workspace_id="")
