"""Uses that arrive together are booked together: one statement for what waited while the last one ran."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from dashboard.server.problems import Problem

Item = TypeVar("Item")
Answer = TypeVar("Answer")

BATCH = 500
QUEUE = 5_000


class Coalescer(Generic[Item, Answer]):
    """Books single items in batches without making anybody wait for a batch to fill.

    The first item goes at once. Those that arrive while it is being booked form the next batch.
    """

    def __init__(
        self, book: Callable[[list[Item]], Awaitable[list[Answer]]], *, batch: int = BATCH, queue: int = QUEUE
    ) -> None:
        """`book` gives one answer for each item, in order; at most `batch` items a call, `queue` waiting."""
        self._book = book
        self._batch = batch
        self._queue = queue
        self._waiting: list[tuple[Item, asyncio.Future[Answer]]] = []
        self._booking: asyncio.Task[None] | None = None

    async def submit(self, item: Item) -> Answer:
        """Give the answer for one item. Raises `Problem` busy when too many wait, and what `book` raises."""
        if len(self._waiting) >= self._queue:
            raise Problem("busy", "Too many uses are waiting to be booked.", headers={"Retry-After": "1"})
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()
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
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), answer in zip(batch, answers, strict=True):
            if not future.done():
                future.set_result(answer)
