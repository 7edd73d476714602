"""Call seasonality: weekday, month and hour of day."""

from datetime import UTC, date, datetime, time, timedelta

import numpy as np
from numpy.typing import NDArray

WEEK = (1.18, 1.27, 1.26, 1.22, 1.07, 0.55, 0.45)
"""Monday to Sunday, 1 on average."""
YEAR = (1.02, 1.03, 1.05, 1.0, 1.0, 0.98, 0.92, 0.84, 1.06, 1.08, 1.06, 0.92)
"""January to December."""
HOURS = np.array(
    [1, 1, 1, 1, 1, 2, 5, 9, 14, 18, 19, 17, 14, 17, 20, 20, 18, 14, 10, 7, 5, 4, 3, 0], dtype=float
)
"""Calls by hour of day, UTC; the last hour is quiet so that follow-ups fit into the same day."""
HOLIDAYS = {(12, 24): 0.35, (12, 25): 0.15, (12, 26): 0.3, (12, 31): 0.4, (1, 1): 0.2, (5, 1): 0.6}


def liveliness(day: date) -> float:
    """Return this day's calls as a multiple of an average day."""
    return WEEK[day.weekday()] * YEAR[day.month - 1] * HOLIDAYS.get((day.month, day.day), 1.0)


def midnight(day: date) -> datetime:
    """Return the start of a day."""
    return datetime.combine(day, time(), UTC)


def moments(rng: np.random.Generator, n: int) -> NDArray[np.int64]:
    """Draw `n` times of a working day, in seconds after midnight."""
    hours = rng.choice(24, size=n, p=HOURS / HOURS.sum())
    return hours * 3600 + rng.integers(0, 3600, size=n)


def moment(day: date, rng: np.random.Generator) -> datetime:
    """Draw one time of a day."""
    return midnight(day) + timedelta(seconds=int(moments(rng, 1)[0]), microseconds=int(rng.integers(10**6)))


def months_before(day: date, months: int) -> date:
    """Return the same day `months` calendar months earlier, or that month's last day."""
    return _same_day(day.year * 12 + day.month - 1 - months, day.day)


def next_reset(anchor: datetime, period_start: datetime) -> datetime:
    """Return the reset after `period_start` on a billing anchor, like the ledger's function of the same name."""
    on = _same_day(period_start.year * 12 + period_start.month, anchor.day)
    return datetime.combine(on, anchor.timetz())


def _same_day(month: int, day: int) -> date:
    """Return the given day of a month counted from year 0, or that month's last day."""
    first = date(month // 12, month % 12 + 1, 1)
    after = date((month + 1) // 12, (month + 1) % 12 + 1, 1)
    return first.replace(day=min(day, (after - first).days))
