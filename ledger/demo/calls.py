"""The calls of one day: who calls, when and for how long, before the ledger says what of it was covered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from ledger.demo.customers import Customer
from ledger.demo.seasons import liveliness, midnight, moments
from ledger.demo.truth import CALLS_WHILE_BLOCKED

MOOD = 0.3
"""How much a customer's months differ (standard deviation of the logarithm)."""
LENGTH = 0.85
"""How much the calls of one customer differ in length."""
LONGEST = 4 * 3600
DAYS_TO_LEARN = 21
"""A new customer reaches its usual number of calls after this many days."""


@dataclass(frozen=True, slots=True)
class Call:
    """One finished call, in seconds; the ledger is told whole minutes."""

    at: datetime
    customer: Customer
    seconds: int
    key: str

    def as_use(self) -> dict[str, object]:
        """Give what `track_uses` takes: minutes are rounded up once, at intake."""
        return {
            "workspace_id": self.customer.workspace_id,
            "minutes": -(-self.seconds // 60),
            "key": self.key,
            "at": self.at,
            "duration_seconds": self.seconds,
        }


def calls_of_day(day: date, customers: Sequence[Customer], everybody: int, seed: int) -> list[Call]:
    """Draw the calls that these customers try on a day, in the order of time. `everybody`: how many ever sign up."""
    rng = np.random.default_rng([seed, 2, day.toordinal()])
    counts = rng.poisson(_expected(day, customers, everybody, seed))
    callers = np.repeat(np.arange(len(customers)), counts)
    n = len(callers)
    lengths = np.array([customer.minutes_a_call for customer in customers])[callers] * 60
    seconds = np.clip(lengths * rng.lognormal(-(LENGTH**2) / 2, LENGTH, size=n), 4, LONGEST).astype(int)
    at = moments(rng, n) * 1_000_000 + rng.integers(0, 10**6, size=n)
    order = np.argsort(at, kind="stable")
    begin = midnight(day)
    keys = _keys(at + int(begin.timestamp()) * 1_000_000, rng)
    return [
        Call(begin + timedelta(microseconds=int(at[i])), customers[callers[i]], int(seconds[i]), keys[i])
        for i in order
    ]


def _expected(day: date, customers: Sequence[Customer], everybody: int, seed: int) -> NDArray[np.float64]:
    """How many calls each customer has on an average day like this one."""
    mood = np.random.default_rng([seed, 3, day.year * 12 + day.month]).lognormal(-(MOOD**2) / 2, MOOD, everybody)
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return liveliness(day) * np.array([_appetite(each, noon) * mood[each.number] for each in customers], dtype=float)


def _appetite(customer: Customer, now: datetime) -> float:
    age = (now - customer.signs_up_at).total_seconds() / 86_400
    learnt = 0.4 + 0.6 * min(1.0, age / DAYS_TO_LEARN)
    trend = float(np.exp(customer.growth_a_month * age / 30.4))
    return customer.calls_a_day * learnt * trend * (CALLS_WHILE_BLOCKED if customer.blocked_at else 1.0)


def _keys(at: NDArray[np.int64], rng: np.random.Generator) -> list[str]:
    """Keys in the form of time-ordered uuids."""
    noise = rng.integers(0, 2**60, size=len(at)).tolist()
    return [
        f"{ms >> 16:08x}-{ms & 0xFFFF:04x}-7{n & 0xFFF:03x}-{0x8000 | n >> 12 & 0x3FFF:04x}-{n >> 12 & 0xFFFFFFFFFFFF:012x}"
        for ms, n in zip((at // 1000).tolist(), noise, strict=True)
    ]
