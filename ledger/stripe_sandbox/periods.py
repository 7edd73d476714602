"""Billing periods: whole months and years from an anchor, in UTC."""

from calendar import monthrange
from datetime import UTC, datetime

MONTHS = {"month": 1, "year": 12}


def months_after(anchor: int, months: int) -> int:
    """Return the same day and time `months` later, or the month's last day: 31 Jan, 28 Feb, 31 Mar."""
    start = datetime.fromtimestamp(anchor, UTC)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    day = min(start.day, monthrange(year, month + 1)[1])
    return int(start.replace(year=year, month=month + 1, day=day).timestamp())


def end_after(anchor: int, moment: int, recurring: dict[str, int | str]) -> int:
    """Return the first period end after `moment`, counted from the anchor so short months do not shift it."""
    step = MONTHS[str(recurring["interval"])] * int(recurring["interval_count"])
    count = 1
    while months_after(anchor, count * step) <= moment:
        count += 1
    return months_after(anchor, count * step)
