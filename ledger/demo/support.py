"""Manual grants with their reasons, and the few that were mistakes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

import numpy as np

from ledger.database import writing
from ledger.demo import parameters
from ledger.demo.agenda import Agenda
from ledger.demo.churn import DAYS_A_MONTH
from ledger.demo.customers import Customer
from ledger.demo.identity import uuid7
from ledger.demo.seasonality import moment
from ledger.demo.shard import Shard
from ledger.minutes.credits import grant_minutes, void_minutes

SUPPORT = "sam.support@demo.invalid"
ADMINISTRATOR = "ada.admin@demo.invalid"
REASONS = (
    "Call dropped several times, customer wants the minutes back",
    "Goodwill after a slow support response",
    "Echo on the line, recording unusable",
    "Trial of the new recording quality",
    "Onboarding call took longer because of us",
    "We booked the wrong plan at sign-up",
    "Referred a new customer",
)
MINUTES = (15, 30, 30, 60, 60, 90, 120)
MISTAKE = "Granted to the wrong workspace"
MISTAKES = 0.06
"""Share of grants that are voided within the hour."""
OUTAGE_SHARE, OUTAGE_MINUTES = 0.05, 45
"""Share of workspaces affected by the one outage, and the minutes granted to each."""


@dataclass(frozen=True, slots=True)
class PlannedGrant:
    """A planned grant: minutes, reason and actor."""

    minutes: int
    reason: str
    actor: str


class SupportDesk:
    """The support desk of the demo company."""

    def __init__(self, shard: Shard, agenda: Agenda) -> None:
        self._shard, self._agenda = shard, agenda
        self._outage_grant_day = shard.first + (shard.until - shard.first) * 11 // 20

    def open(self, day: date, customers: Sequence[Customer]) -> None:
        """Schedule one day's grants."""
        rng = self._shard.rng("grants", day.toordinal())
        chance = parameters.GRANTS_A_MONTH / DAYS_A_MONTH
        for customer, luck in zip(customers, rng.random(len(customers)).tolist(), strict=True):
            if luck < chance:
                grant = PlannedGrant(int(rng.choice(MINUTES)), str(rng.choice(REASONS)), SUPPORT)
                self._plan(day, customer, grant, rng, mistaken=bool(rng.random() < MISTAKES))
            elif day == self._outage_grant_day and luck > 1 - OUTAGE_SHARE:
                reason = f"Compensation for the outage of {day - timedelta(days=1):%d %B %Y}"
                self._plan(day, customer, PlannedGrant(OUTAGE_MINUTES, reason, ADMINISTRATOR), rng)

    def _plan(
        self,
        day: date,
        customer: Customer,
        grant: PlannedGrant,
        rng: np.random.Generator,
        *,
        mistaken: bool = False,
    ) -> None:
        give = partial(self._give, customer, grant, int(rng.integers(2**62)), mistaken)
        self._agenda.plan(moment(day, rng), customer, give)

    def _give(
        self, customer: Customer, grant: PlannedGrant, noise: int, mistaken: bool, at: datetime
    ) -> None:
        at = customer.next_moment(at)
        key = str(uuid7(at, noise))
        with writing(self._shard.engine) as db:
            lot = grant_minutes(
                db,
                customer.workspace_id,
                grant.minutes,
                reason=grant.reason,
                key=key,
                actor=grant.actor,
                at=at,
            )
        customer.record_credit()
        if mistaken:
            void = partial(self._void, customer, lot.lot_id, key)
            self._agenda.plan(at + timedelta(minutes=25), customer, void)

    def _void(self, customer: Customer, lot_id: int, key: str, at: datetime) -> None:
        at = customer.next_moment(at)
        with writing(self._shard.engine) as db:
            void_minutes(db, customer.workspace_id, lot_id, reason=MISTAKE, key=key, actor=SUPPORT, at=at)
