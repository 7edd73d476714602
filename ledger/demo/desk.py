"""What staff give by hand: grants, each with its reason, and the few that were a mistake."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import partial

import numpy as np
from sqlalchemy import Engine

from ledger.database import writing
from ledger.demo import truth
from ledger.demo.agenda import Agenda
from ledger.demo.customers import Customer
from ledger.demo.identity import uuid7
from ledger.demo.seasons import moment
from ledger.minutes import grant_minutes, void_minutes

SUPPORT = "sam.support@demo.invalid"
ADMINISTRATOR = "ada.admin@demo.invalid"
REASONS = (
    "Call dropped several times, customer asked for the minutes back",
    "Goodwill after a slow answer of support",
    "Echo on the line, recording unusable",
    "Trial of the new recording quality",
    "Onboarding call took longer because of us",
    "Wrong plan was booked by us at sign-up",
    "Referred a new customer",
)
MISTAKE = "Granted to the wrong workspace"
MISTAKES = 0.06
"""Share of grants that are voided within the hour."""
OUTAGE_SHARE, OUTAGE_MINUTES = 0.05, 45
"""Whom the one outage of the history hit, and what they were given."""


class Desk:
    """The support desk of the demo company."""

    def __init__(self, engine: Engine, agenda: Agenda, seed: int, outage: date) -> None:
        self._engine, self._agenda, self._seed, self._outage = engine, agenda, seed, outage

    def open(self, day: date, customers: Sequence[Customer]) -> None:
        """Plan the grants of one day."""
        rng = np.random.default_rng([self._seed, 6, day.toordinal()])
        gifts = rng.random(len(customers)) < truth.GIFTS_A_MONTH / 30.4
        for i in np.flatnonzero(gifts):
            minutes = int(rng.choice([15, 30, 30, 60, 60, 90, 120]))
            reason = str(rng.choice(REASONS))
            mistaken = rng.random() < MISTAKES
            give = partial(self._give, customers[i], minutes, reason, SUPPORT, int(rng.integers(2**62)), mistaken)
            self._agenda.plan(moment(day, rng), customers[i], give)
        if day == self._outage:
            self._make_good(day, customers, rng)

    def _make_good(self, day: date, customers: Sequence[Customer], rng: np.random.Generator) -> None:
        reason = f"Make-good for the outage of {day - timedelta(days=1):%d %B %Y}"
        for i in np.flatnonzero(rng.random(len(customers)) < OUTAGE_SHARE):
            give = partial(
                self._give, customers[i], OUTAGE_MINUTES, reason, ADMINISTRATOR, int(rng.integers(2**62)), False
            )
            self._agenda.plan(moment(day, rng), customers[i], give)

    def _give(
        self, customer: Customer, minutes: int, reason: str, actor: str, noise: int, mistaken: bool, at: datetime
    ) -> None:
        at = customer.follows(at)
        key = str(uuid7(at, noise))
        with writing(self._engine) as db:
            lot = grant_minutes(
                db, customer.workspace_id, minutes, reason=reason, key=key, actor=actor, at=at
            )
        customer.is_credited()
        if mistaken:
            void = partial(self._void, customer, lot.lot_id, key)
            self._agenda.plan(at + timedelta(minutes=25), customer, void)

    def _void(self, customer: Customer, lot_id: int, key: str, at: datetime) -> None:
        at = customer.follows(at)
        with writing(self._engine) as db:
            void_minutes(db, customer.workspace_id, lot_id, reason=MISTAKE, key=key, actor=SUPPORT, at=at)
