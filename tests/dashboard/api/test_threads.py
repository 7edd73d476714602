"""The threads that talk to the database, and the bounded queue in front of them."""

import asyncio
import threading

import pytest

from dashboard.server.problems import Problem
from dashboard.server.threads import Threads


def test_work_runs_away_from_the_event_loop_and_its_errors_come_back() -> None:
    async def story() -> tuple[bool, type[Exception]]:
        threads = Threads(threads=1, queue=0)
        elsewhere = await threads.run(threading.get_ident) != threading.get_ident()
        with pytest.raises(ZeroDivisionError) as failed:
            await threads.run(lambda: 1 // 0)
        return elsewhere, failed.type

    assert asyncio.run(story()) == (True, ZeroDivisionError)


def test_what_does_not_fit_into_the_queue_gets_a_retry_after() -> None:
    async def story() -> tuple[Problem, list[str]]:
        threads, gate = Threads(threads=1, queue=1), threading.Event()
        calls = [asyncio.create_task(threads.run(gate.wait)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(Problem) as refused:
            await threads.run(str)
        gate.set()
        await asyncio.gather(*calls)
        return refused.value, [await threads.run(str, "room again")]

    problem, after = asyncio.run(story())

    assert (problem.status_code, problem.code, problem.headers) == (503, "busy", {"Retry-After": "1"})
    assert after == ["room again"]
