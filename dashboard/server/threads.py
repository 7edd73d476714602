"""The threads that talk to the database: a fixed number, with a bounded queue in front of them."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from dashboard.server.problems import Problem

THREADS = 8
"""As many as connections are worth having at once: each holds one while it works."""
QUEUE = 200
"""Calls that may wait for a thread; further callers get a 503."""

P = ParamSpec("P")
T = TypeVar("T")


class Threads:
    """Runs blocking work away from the event loop, and refuses it when too much is waiting."""

    def __init__(self, threads: int = THREADS, queue: int = QUEUE) -> None:
        """Start no thread yet; the pool makes them as they are needed."""
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="api")
        self._room = threads + queue
        self._taken = 0
        self._lock = threading.Lock()

    async def run(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Return the result of `work`. Raise `Problem` busy when the queue is full."""
        with self._lock:
            if self._taken >= self._room:
                raise Problem(
                    "busy", "Too many requests are waiting for the ledger.", headers={"Retry-After": "1"}
                )
            self._taken += 1
        future = self._pool.submit(work, *args, **kwargs)
        future.add_done_callback(self._leave)
        return await asyncio.wrap_future(future)

    def _leave(self, _future: object) -> None:
        with self._lock:
            self._taken -= 1


threads = Threads()
