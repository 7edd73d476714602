"""What customers, staff and banks will do: every decision has its moment."""

import heapq
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import count

from ledger.demo.customers import Customer

Act = Callable[[datetime], None]


class Agenda:
    """Planned acts of customers, yielded in the order of time; of the same moment, in the order of planning."""

    def __init__(self) -> None:
        self._planned: list[tuple[datetime, int, Customer, Act]] = []
        self._numbers = count()

    def plan(self, at: datetime, customer: Customer, act: Act) -> None:
        """Let `act` happen at `at`, or as soon after it as it can."""
        heapq.heappush(self._planned, (at, next(self._numbers), customer, act))

    def first_before(self, end: datetime) -> dict[int, datetime]:
        """When the first act before `end` is due, for each customer (by number) that has one."""
        due = sorted((at, customer.number) for at, _, customer, _ in self._planned if at < end)
        return {number: at for at, number in reversed(due)}

    def due_before(self, end: datetime) -> Iterator[tuple[datetime, Act]]:
        """Yield what is due before `end`, including what is planned meanwhile."""
        while self._planned and self._planned[0][0] < end:
            at, _, _, act = heapq.heappop(self._planned)
            yield at, act
