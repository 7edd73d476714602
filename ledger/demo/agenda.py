"""Scheduled actions of customers, staff and banks."""

import heapq
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import count

from ledger.demo.customers import Customer

Act = Callable[[datetime], None]


class Agenda:
    """Planned actions, yielded in time order, then in planning order."""

    def __init__(self) -> None:
        self._planned: list[tuple[datetime, int, Customer, Act]] = []
        self._numbers = count()

    def plan(self, at: datetime, customer: Customer, act: Act) -> None:
        """Schedule `act` at `at`, or as soon after it as possible."""
        heapq.heappush(self._planned, (at, next(self._numbers), customer, act))

    def first_before(self, end: datetime) -> dict[int, datetime]:
        """Return when each customer's (by number) first action before `end` is due."""
        due = sorted((at, customer.number) for at, _, customer, _ in self._planned if at < end)
        return {number: at for at, number in reversed(due)}

    def due_before(self, end: datetime) -> Iterator[tuple[datetime, Act]]:
        """Yield the actions due before `end`, including those planned meanwhile."""
        while self._planned and self._planned[0][0] < end:
            at, _, _, act = heapq.heappop(self._planned)
            yield at, act
