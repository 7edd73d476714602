"""Which whole days and months of the report time zone lie in a period."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the beginning of a day."""
    return datetime.combine(day, time(), zone)


def day_from(start: datetime, zone: ZoneInfo) -> date | None:
    """Return the first whole day at or after `start`; None: from the beginning."""
    if start <= EARLIEST:
        return None
    day = start.astimezone(zone).date()
    return day if midnight(day, zone) == start else day + timedelta(days=1)


def day_until(end: datetime, zone: ZoneInfo) -> date:
    """Return the day that contains `end` or begins there: whole days lie before it."""
    return end.astimezone(zone).date()


def whole_months(first_day: date | None, last_day: date | None, *, daily: bool) -> tuple[date, date]:
    """Return the first days of the whole months [first, last) within days [first, last); two equal days for none."""
    first, last = first_day or date.min, last_day or date.max
    begins = first if first.day == 1 else (first.replace(day=1) + timedelta(days=31)).replace(day=1)
    ends = last.replace(day=1)
    return (last, last) if daily or begins >= ends else (begins, ends)


def part_of(day: date, by: str | None) -> date | None:
    """Return the first day of the day, week or month that a day lies in; None for any other division."""
    begins = {"day": day, "week": day - timedelta(days=day.weekday()), "month": day.replace(day=1)}
    return begins.get(by or "")
