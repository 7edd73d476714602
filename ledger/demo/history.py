"""The history of a demo company, booked day by day through the ledger's functions.

What a customer does next follows only from what the ledger answered. Every write has a key of the seed, and a repeated
key gives the first answer: an interrupted history is continued by the same call.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from ledger.database import query, writing
from ledger.demo.agenda import Agenda
from ledger.demo.catalogue import OfferCatalogue
from ledger.demo.checkout import Checkout
from ledger.demo.intents import Intents
from ledger.demo.plans import Plans
from ledger.demo.seasonality import midnight
from ledger.demo.shard import Shard
from ledger.demo.support import SupportDesk
from ledger.demo.usage import Call, Switchboard
from ledger.minutes.uses import Use, track_uses

CALLS_A_BATCH = 10_000
DAY = timedelta(days=1)


class ShardHistory:
    """The history of one shard of a company."""

    def __init__(self, shard: Shard, catalogue: OfferCatalogue) -> None:
        self._shard = shard
        self._agenda = Agenda()
        self._switchboard = Switchboard(shard)
        self._plans = Plans(shard, self._agenda)
        self._support = SupportDesk(shard, self._agenda)
        self._checkout = Checkout(shard, self._agenda)
        self._intents = Intents(shard, self._agenda, catalogue, self._plans, self._checkout)

    def days(self) -> Iterator[date]:
        """Book the days in order; yield each one when it is complete."""
        try:
            for number in range((self._shard.until - self._shard.first).days):
                day = self._shard.first + number * DAY
                self._book_day(day)
                yield day
        finally:
            self._checkout.close()

    def _book_day(self, day: date) -> None:
        """Book each customer's calls before its first action, then the actions, then the other calls."""
        end = midnight(day + DAY)
        active = [customer for customer in self._plans.customers if customer.active]
        self._plans.welcome(end)
        self._plans.lose(day)
        self._support.open(day, active)
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
            with writing(self._shard.engine) as db:
                answers = track_uses(db, [call.as_use() for call in batch])
            for call, answer in zip(batch, answers, strict=True):
                if not isinstance(answer, Use):
                    raise TypeError(f"the ledger refused a call of the demo: {answer}")
                self._intents.react(call, answer)

    def _act(self, end: datetime) -> None:
        for at, act in self._agenda.due_before(end):
            act(at)

    def _reset(self, end: datetime) -> None:
        """Book the day's monthly resets that no call or action has booked yet."""
        due = [each for each in self._plans.customers if each.next_reset and each.next_reset <= end]
        if due:
            ids = [customer.workspace_id for customer in due]
            with writing(self._shard.engine) as db:
                db.execute(query("reset_workspaces"), {"workspace_ids": ids, "at": end})
        for customer in due:
            customer.record_resets_until(end)
