"""The history of a demo company, told day by day through the functions of the ledger.

What a customer does next follows only from what the ledger answered. Every write has a key of the seed, and a repeated
key gives the first answer: an interrupted history is continued by telling it again.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from ledger.database import query, writing
from ledger.demo.agenda import Agenda
from ledger.demo.calls import Call, Switchboard
from ledger.demo.desk import Desk
from ledger.demo.part import Part
from ledger.demo.plans import Plans
from ledger.demo.seasons import midnight
from ledger.demo.shelf import Shelf
from ledger.demo.till import Till
from ledger.demo.wishes import Wishes
from ledger.minutes.uses import Use, track_uses

CALLS_A_BATCH = 10_000
DAY = timedelta(days=1)


class History:
    """The history of one part of a company."""

    def __init__(self, part: Part, shelf: Shelf) -> None:
        self._part = part
        self._agenda = Agenda()
        self._switchboard = Switchboard(part)
        self._plans = Plans(part, self._agenda)
        self._desk = Desk(part, self._agenda)
        self._till = Till(part, self._agenda)
        self._wishes = Wishes(part, self._agenda, shelf, self._plans, self._till)

    def days(self) -> Iterator[date]:
        """Tell one day after the other; each is given out when it is told whole."""
        try:
            for number in range((self._part.until - self._part.first).days):
                day = self._part.first + number * DAY
                self._tell(day)
                yield day
        finally:
            self._till.close()

    def _tell(self, day: date) -> None:
        """Calls before the first planned act of their customer, then the acts, then the other calls."""
        end = midnight(day + DAY)
        active = [customer for customer in self._plans.customers if customer.active]
        self._plans.welcome(end)
        self._plans.lose(day)
        self._desk.open(day, active)
        acts = self._agenda.first_before(end)
        early: list[Call] = []
        late: list[Call] = []
        for call in self._switchboard.calls(day, active):
            is_early = call.at < acts.get(call.customer.number, end)
            (early if is_early else late).append(call)
        self._book(early)
        self._act(end)
        self._book([call for call in late if call.customer.active])
        self._act(end)
        self._reset(end)

    def _book(self, calls: Sequence[Call]) -> None:
        for start in range(0, len(calls), CALLS_A_BATCH):
            batch = calls[start : start + CALLS_A_BATCH]
            with writing(self._part.engine) as db:
                answers = track_uses(db, [call.as_use() for call in batch])
            for call, answer in zip(batch, answers, strict=True):
                if not isinstance(answer, Use):
                    raise TypeError(f"the demo made a call that the ledger refuses: {answer}")
                self._wishes.hear(call, answer)

    def _act(self, end: datetime) -> None:
        for at, act in self._agenda.take_before(end):
            act(at)

    def _reset(self, end: datetime) -> None:
        """Book the monthly resets of the day that no call and no act has booked already."""
        due = [each for each in self._plans.customers if each.next_reset and each.next_reset <= end]
        if due:
            ids = [customer.workspace_id for customer in due]
            with writing(self._part.engine) as db:
                db.execute(query("reset_workspaces"), {"workspace_ids": ids, "at": end})
        for customer in due:
            customer.lives_until(end)
