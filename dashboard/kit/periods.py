"""Periods of the report time zone, and the period each is compared with."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

A_DAY = timedelta(days=1)
DAYS = {"7d": 7, "30d": 30, "90d": 90, "180d": 180, "365d": 365, "730d": 730}


@dataclass(frozen=True)
class Period:
    """Days [first, last) of a time zone. It is `partial` while it includes `today`."""

    first: date
    last: date
    today: date
    timezone: str

    @property
    def start(self) -> datetime:
        """Return the first moment."""
        return midnight(self.first, self.timezone)

    @property
    def end(self) -> datetime:
        """Return the first moment after it."""
        return midnight(self.last, self.timezone)

    @property
    def empty(self) -> bool:
        """Return whether it ends before it starts."""
        return self.last <= self.first

    @property
    def future(self) -> bool:
        """Return whether it has not begun."""
        return self.first > self.today

    @property
    def partial(self) -> bool:
        """Return whether it has begun and is not over."""
        return self.first <= self.today < self.last

    def cut_parts(self, grain: str) -> frozenset[str]:
        """Return the first days of the parts (day, week or month) that are counted only partly."""
        last = min(self.last - timedelta(days=1), self.today)
        begins = {_part_of(self.first, grain)} if _part_of(self.first, grain) < self.first else set()
        if last == self.today or _part_of(last + timedelta(days=1), grain) == _part_of(last, grain):
            begins.add(_part_of(last, grain))
        return frozenset(str(first) for first in begins)

    def complete(self) -> "Period | None":
        """Return its days that are over; None when there are none."""
        if self.future or self.first >= min(self.last, self.today):
            return None
        return Period(self.first, min(self.last, self.today), self.today, self.timezone)


def days_of_part(day: date, grain: str) -> tuple[date, date]:
    """Return the first and the last day (both included) of the day, week or month in which a day lies."""
    first = _part_of(day, grain)
    after = _month_after(first) if grain == "month" else first + (7 if grain == "week" else 1) * A_DAY
    return first, after - A_DAY


def _part_of(day: date, grain: str) -> date:
    """Return the first day of the week or month in which a day lies."""
    if grain == "month":
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if grain == "week" else day


def midnight(day: date, timezone: str) -> datetime:
    """Return the first moment of a day in a time zone, also when clocks change."""
    return datetime.combine(day, time(), ZoneInfo(timezone))


def named(name: str, *, now: datetime, timezone: str, own: tuple[date, date] | None = None) -> Period:
    """Return the period of this name as of `now`. `own`: first and last day (both included) of the period `own`."""
    today = now.astimezone(ZoneInfo(timezone)).date()
    if name == "own" and own:
        return Period(own[0], own[1] + timedelta(days=1), today, timezone)
    if name == "month":
        first = today.replace(day=1)
        return Period(first, _month_after(first), today, timezone)
    if name == "last-month":
        last = today.replace(day=1)
        return Period((last - timedelta(days=1)).replace(day=1), last, today, timezone)
    return Period(today - timedelta(days=DAYS.get(name, 90) - 1), today + timedelta(days=1), today, timezone)


def comparison(period: Period, how: str) -> tuple[Period, Period] | None:
    """Return two periods of equally many complete days: the period's own, and the earlier ones they are compared with.

    A whole month that is over is compared with the whole month before it, however many days either has.
    None without complete days, or for `none`. A day that is not over is never compared with one that is.
    """
    ours = period.complete()
    if how == "none" or ours is None or period.empty:
        return None
    length = ours.last - ours.first
    whole_month = period.first.day == 1 and period.last == _month_after(period.first)
    if how == "year":
        first = _year_before(ours.first)
    elif whole_month:
        first = (period.first - timedelta(days=1)).replace(day=1)
        if ours.last == period.last:
            return ours, Period(first, period.first, period.today, period.timezone)
        if first + length > period.first:  # the month before has fewer days
            length = period.first - first
            ours = Period(ours.first, ours.first + length, ours.today, ours.timezone)
    else:
        first = ours.first - length
    return ours, Period(first, first + length, period.today, period.timezone)


def _month_after(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)


def _year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)
