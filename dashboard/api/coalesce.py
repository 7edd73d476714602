"""Uses that arrive together are booked together: one statement for what waited while the last one ran."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeVar

from dashboard.server.problems import Problem

Item = TypeVar("Item")
Answer = TypeVar("Answer")

BATCH = 500
QUEUE = 5_000
LANES = 3
"""Lanes that work at the same time; each holds a thread while it waits, and most threads stay free."""


class Coalescer(Generic[Item, Answer]):
    """Books single items in batches without making anybody wait for a batch to fill.

    The first item goes at once. Those that arrive while it is being booked form the next batch. An item that a batch
    leaves out goes to a lane of its own kind, and so do those of its kind that follow: the other items do not wait.
    """

    def __init__(
        self,
        book: Callable[[list[Item]], Awaitable[Sequence[Answer | None]]],
        *,
        book_lane: Callable[[list[Item]], Awaitable[Sequence[Answer]]] | None = None,
        kind: Callable[[Item], Hashable] = id,
        batch: int = BATCH,
        queue: int = QUEUE,
    ) -> None:
        """`book` gives one answer for each item, in order, or None to leave it to `book_lane`, one `kind` at a time.

        At most `batch` items a call, `queue` waiting.
        """
        self._book = book
        self._book_lane = book_lane
        self._kind = kind
        self._batch = batch
        self._queue = queue
        self._waiting: list[tuple[Item, asyncio.Future[Answer]]] = []
        self._booking: asyncio.Task[None] | None = None
        self._lanes: dict[Hashable, list[tuple[Item, asyncio.Future[Answer]]]] = {}
        self._lane_tasks: set[asyncio.Task[None]] = set()
        self._room = asyncio.Semaphore(LANES)

    async def submit(self, item: Item) -> Answer:
        """Return the answer for one item. Raise `Problem` busy when too many wait, and what `book` raises."""
        if len(self._waiting) + sum(map(len, self._lanes.values())) >= self._queue:
            raise Problem("busy", "Too many uses are waiting to be booked.", headers={"Retry-After": "1"})
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()
        if self._lanes and (lane := self._lanes.get(self._kind(item))) is not None:
            lane.append((item, future))
            return await future
        self._waiting.append((item, future))
        if self._booking is None:
            self._booking = loop.create_task(self._work())
        return await future

    async def _work(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[: self._batch], self._waiting[self._batch :]
                await self._one(batch)
        finally:
            self._booking = None

    async def _one(self, batch: list[tuple[Item, asyncio.Future[Answer]]]) -> None:
        try:
            answers = await self._book([item for item, _ in batch])
        except Exception as error:  # noqa: BLE001 - every caller of this batch gets it
            _fail(batch, error)
            return
        for pair, answer in zip(batch, answers, strict=True):
            if answer is None:
                self._leave_to_lane(pair)
            elif not pair[1].done():
                pair[1].set_result(answer)

    def _leave_to_lane(self, pair: tuple[Item, asyncio.Future[Answer]]) -> None:
        kind = self._kind(pair[0])
        if kind in self._lanes:
            self._lanes[kind].append(pair)
            return
        self._lanes[kind] = [pair]
        task = asyncio.get_running_loop().create_task(self._work_lane(kind))
        self._lane_tasks.add(task)
        task.add_done_callback(self._lane_tasks.discard)

    async def _work_lane(self, kind: Hashable) -> None:
        if self._book_lane is None:
            raise AssertionError("who leaves items out books them in lanes")
        async with self._room:
            while batch := self._lanes[kind][: self._batch]:
                self._lanes[kind] = self._lanes[kind][self._batch :]
                try:
                    answers = await self._book_lane([item for item, _ in batch])
                except Exception as error:  # noqa: BLE001 - every caller of this lane gets it
                    _fail(batch, error)
                    continue
                for (_, future), answer in zip(batch, answers, strict=True):
                    if not future.done():
                        future.set_result(answer)
            del self._lanes[kind]


def _fail(batch: list[tuple[Item, asyncio.Future[Answer]]], error: Exception) -> None:
    for _, future in batch:
        if not future.done():
            future.set_exception(error)
