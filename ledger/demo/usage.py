"""One day's calls: customer, time and length, before the ledger decides which are covered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from ledger.demo.customers import Customer
from ledger.demo.parameters import CALLS_WHILE_BLOCKED, REPORTED_LATE
from ledger.demo.seasonality import liveliness, midnight, moments
from ledger.demo.shard import Shard

MOOD = 0.3
"""Variation between a customer's months (standard deviation of the logarithm)."""
LENGTH = 0.85
"""Variation in the length of one customer's calls."""
SHORTEST, LONGEST = 4, 4 * 3600
"""Seconds."""
DAYS_TO_LEARN = 21
"""Days until a new customer reaches its usual number of calls."""


@dataclass(frozen=True, slots=True)
class Call:
    """One finished call, in seconds; the ledger gets whole minutes."""

    at: datetime
    customer: Customer
    seconds: int
    key: str

    def as_use(self) -> dict[str, object]:
        """Return the call as `track_uses` expects it: minutes are rounded up once, at intake."""
        return {
            "workspace_id": self.customer.workspace_id,
            "minutes": -(-self.seconds // 60),
            "key": self.key,
            "at": self.at,
            "duration_seconds": self.seconds,
        }


class Switchboard:
    """Calls of each day, in the order in which they reach the ledger."""

    def __init__(self, shard: Shard) -> None:
        self._shard = shard
        self._late: dict[date, list[Call]] = {}

    def calls(self, day: date, customers: Sequence[Customer]) -> list[Call]:
        """Return the calls reported on a day: late ones of the days before, then those of the day."""
        calls = self._made(day, customers)
        rng = self._shard.rng("late calls", day.toordinal())
        days_late = np.where(rng.random(len(calls)) < REPORTED_LATE, rng.integers(1, 4, size=len(calls)), 0)
        for call, late in zip(calls, days_late.tolist(), strict=True):
            if late:
                self._late.setdefault(day + timedelta(days=late), []).append(call)
        in_time = [call for call, late in zip(calls, days_late.tolist(), strict=True) if not late]
        return self._late.pop(day, []) + in_time

    def _made(self, day: date, customers: Sequence[Customer]) -> list[Call]:
        rng = self._shard.rng("calls", day.toordinal())
        counts = rng.poisson(self._expected(day, customers))
        callers = np.repeat(np.arange(len(customers)), counts)
        n = len(callers)
        lengths = np.array([customer.minutes_a_call for customer in customers])[callers] * 60
        seconds = np.clip(lengths * rng.lognormal(-(LENGTH**2) / 2, LENGTH, size=n), SHORTEST, LONGEST)
        at = moments(rng, n) * 1_000_000 + rng.integers(0, 10**6, size=n)
        begin = midnight(day)
        keys = _keys(at + int(begin.timestamp()) * 1_000_000, rng)
        return [
            Call(begin + timedelta(microseconds=int(at[i])), customers[callers[i]], int(seconds[i]), keys[i])
            for i in np.argsort(at, kind="stable")
        ]

    def _expected(self, day: date, customers: Sequence[Customer]) -> NDArray[np.float64]:
        """Return each customer's expected calls on a day like this one."""
        rng = self._shard.rng("moods", day.year, day.month)
        moods = rng.lognormal(-(MOOD**2) / 2, MOOD, size=len(self._shard.customers))
        noon = midnight(day) + timedelta(hours=12)
        wanted = [_appetite(each, noon) * moods[each.place] for each in customers]
        return liveliness(day) * np.array(wanted, dtype=np.float64)


def _appetite(customer: Customer, now: datetime) -> float:
    age = (now - customer.signs_up_at).total_seconds() / 86_400
    learnt = 0.4 + 0.6 * min(1.0, age / DAYS_TO_LEARN)
    trend = float(np.exp(customer.growth_a_month * age / 30.4))
    return customer.calls_a_day * learnt * trend * (CALLS_WHILE_BLOCKED if customer.blocked_at else 1.0)


def _keys(at: NDArray[np.int64], rng: np.random.Generator) -> list[str]:
    """Return keys in the form of time-ordered uuids."""
    noise = rng.integers(0, 2**60, size=len(at)).tolist()
    return [
        f"{ms >> 16:08x}-{ms & 0xFFFF:04x}-7{n & 0xFFF:03x}-{0x8000 | n >> 46:04x}-{n >> 12 & 0xFFFFFFFFFFFF:012x}"
        for ms, n in zip((at // 1000).tolist(), noise, strict=True)
    ]
