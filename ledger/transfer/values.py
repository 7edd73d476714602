"""One cell read as what its column holds: times, minutes, money, ids. What can't be read is refused, never guessed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from ledger.errors import LedgerError
from ledger.minutes.attributes import VALUE_AT_MOST
from ledger.money import digits_of
from ledger.transfer.mapping import FileMapping
from ledger.validation import (
    MINUTES_AT_MOST,
    is_valid_text,
    read_time,
    require_business_time,
    require_key,
    require_text,
    require_workspace_id,
)

ROUNDINGS = {"up": ROUND_CEILING, "down": ROUND_FLOOR, "nearest": ROUND_HALF_UP}
SECONDS_A_MINUTE = 60
CENTS_AT_MOST = 10**12
NUMERIC = re.compile(r"-?(0|[1-9]\d{0,11})(\.\d{1,6})?")
YES, NO = ("true", "1", "yes", "t", "y"), ("false", "0", "no", "f", "n")
NUMBERED = re.compile(
    r"(\d{1,4})[./-](\d{1,2})[./-](\d{1,4})(?:[ T,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,6}))?)?)?"
)
Reader = Callable[[Any], Any]


class BadCell(LedgerError):
    """This cell can't be read."""

    code = "bad_cell"

    def __str__(self) -> str:
        """Only what is wrong with this cell."""
        return self.detail


def reader_of(form: str, mapping: FileMapping) -> Reader:
    """Return what reads the cells of a column of this form under a mapping; it raises LedgerError for a bad one."""
    readers: dict[str, Callable[[FileMapping], Reader]] = {
        "time": _times,
        "minutes": _minutes,
        "money": _numbers,
        "whole": lambda _: _whole,
        "integer": lambda _: _integer,
        "flag": lambda _: _flag,
        "id": lambda _: _workspace_id,
        "key": lambda _: lambda cell: require_key(str(cell).strip()),
        "currency": lambda _: _currency,
        "email": lambda _: lambda cell: require_text(str(cell).strip(), "owner_email", at_most=320),
        "text": lambda _: lambda cell: require_text(str(cell).strip(), "text"),
    }
    return readers[form](mapping)


@lru_cache(maxsize=100_000)
def _workspace_id(cell: Any) -> str:
    return require_workspace_id(str(cell).strip())


def _currency(cell: Any) -> str:
    text = str(cell).strip().lower()
    if not re.fullmatch("[a-z]{3}", text):
        raise BadCell(f"{str(cell)[:20]!r} is not a currency code such as usd")
    return text


def _integer(cell: Any) -> int:
    try:
        return int(cell)
    except (TypeError, ValueError):
        raise BadCell(f"{str(cell)[:40]!r} is not a whole number") from None


def _whole(cell: Any) -> int:
    number = _integer(cell)
    if number < 0:
        raise BadCell(f"{number} is negative")
    return number


def _flag(cell: Any) -> bool:
    text = str(cell).strip().lower()
    if text not in YES + NO:
        raise BadCell(f"{text[:20]!r} is neither true nor false")
    return text in YES


def number(cell: Any, decimal: str) -> Decimal:
    """Return a number written with this decimal sign; the other sign groups thousands. Raises BadCell."""
    if isinstance(cell, int | Decimal):
        return Decimal(cell)
    if isinstance(cell, float):
        return Decimal(str(cell))
    group = "," if decimal == "." else "."
    text = str(cell).strip().replace("\u00a0", "").replace(" ", "").lstrip("$€£")
    if group in text:
        head, _, tail = text.partition(decimal)
        if not re.fullmatch(rf"-?\d{{1,3}}(\{group}\d{{3}})+", head) or group in tail:
            raise BadCell(f"{text[:40]!r} is not a number with {decimal!r} before its decimals")
        text = text.replace(group, "")
    try:
        number = Decimal(text.replace(decimal, "."))
    except InvalidOperation:
        raise BadCell(f"{text[:40]!r} is not a number") from None
    if not number.is_finite():
        raise BadCell(f"{text[:40]!r} is not a number")
    return number


def _numbers(mapping: FileMapping) -> Reader:
    """Amounts stay as written here; `in_cents` needs the currency of the row."""
    return lambda cell: number(cell, mapping.decimal or ".")


def in_cents(amount: Decimal, currency: str, amounts: str | None) -> int:
    """Return an amount in the minor unit. `amounts`: how it is written, cents or decimal. Raises BadCell."""
    scaled = amount if amounts == "cents" else amount.scaleb(digits_of(currency))
    if scaled != scaled.to_integral_value() or not 0 <= scaled <= CENTS_AT_MOST:
        raise BadCell(
            f"{amount} {currency} is no amount of {'whole cents' if amounts == 'cents' else 'money'}"
        )
    return int(scaled)


def _minutes(mapping: FileMapping) -> Reader:
    """Whole minutes; 0 stays 0 and is no use. Seconds and decimals are rounded as the mapping says."""
    decimal, rounding = mapping.decimal or ".", ROUNDINGS.get(mapping.rounding or "")
    divisor = SECONDS_A_MINUTE if mapping.unit == "seconds" else 1

    def read(cell: Any) -> int:
        minutes = number(cell, decimal) / divisor
        whole = minutes.to_integral_value(rounding) if rounding else minutes.to_integral_value()
        if whole != minutes and not rounding:
            raise BadCell(f"{str(cell)[:20]} is not whole minutes: set `rounding` (up, nearest or down)")
        if not 0 <= whole <= MINUTES_AT_MOST:
            raise BadCell(f"{str(cell)[:20]} is not 0 to {MINUTES_AT_MOST:,} minutes")
        return int(whole)

    def fast(cell: Any) -> int:
        if divisor == 1 and (type(cell) is int or (type(cell) is str and cell.isdigit())):
            minutes = int(cell)
            if minutes <= MINUTES_AT_MOST:
                return minutes
        return read(cell)

    return fast


def _times(mapping: FileMapping) -> Reader:
    """Moments in UTC. A clock time that never was is refused, and one that was twice unless the mapping decides."""
    zone = ZoneInfo(mapping.timezone) if mapping.timezone else None
    written = _written_times(mapping.dates or "iso")
    at_time = time.fromisoformat(mapping.time_of_day) if mapping.time_of_day else None

    def read(cell: Any) -> datetime:
        moment = cell if isinstance(cell, date) else written(str(cell).strip())
        if not isinstance(moment, datetime):
            if at_time is None:
                raise BadCell(f"{str(cell)[:40]!r} is a day without a time: set `time_of_day`")
            moment = datetime.combine(moment, at_time)
        if moment.tzinfo is None:
            if zone is None:
                raise BadCell(f"{str(cell)[:40]!r} has no offset: set `timezone`")
            moment = _on_the_clock(moment, zone, mapping.repeated_hour)
        return require_business_time(moment)

    return read


def _on_the_clock(moment: datetime, zone: ZoneInfo, repeated_hour: str | None) -> datetime:
    local = moment.replace(tzinfo=zone, fold=1 if repeated_hour == "second" else 0)
    if zone.key == "UTC":
        return local
    if local.astimezone(UTC).astimezone(zone).replace(tzinfo=None, fold=0) != moment:
        raise BadCell(f"{moment:%Y-%m-%d %H:%M} does not exist in {zone.key}: the clock skips it")
    if not repeated_hour and local.utcoffset() != local.replace(fold=1).utcoffset():
        raise BadCell(f"{moment:%Y-%m-%d %H:%M} happens twice in {zone.key}: set `repeated_hour`")
    return local


def _written_times(dates: str) -> Callable[[str], date]:
    """Return what reads written times: a day without a time comes back as a date."""
    if dates == "iso":
        return _iso
    if dates in ("day-first", "month-first"):
        return lambda text: _numbered(text, day_first=dates == "day-first")
    if dates in ("epoch-seconds", "epoch-milliseconds"):
        scale = 1 if dates == "epoch-seconds" else 1000
        return lambda text: datetime.fromtimestamp(0, UTC) + timedelta(seconds=int(text)) / scale
    return lambda text: _patterned(text, dates)


def _iso(text: str) -> date:
    try:
        return date.fromisoformat(text) if len(text) == len("2026-01-31") else read_time(text)
    except ValueError:
        raise BadCell(f"{text[:40]!r} is not a time such as 2026-01-31T14:05:00+01:00") from None


def _patterned(text: str, pattern: str) -> date:
    try:
        moment = datetime.strptime(text, pattern)  # noqa: DTZ007  the zone comes from the mapping
    except ValueError:
        raise BadCell(f"{text[:40]!r} does not fit {pattern}") from None
    return moment if "%H" in pattern or "%I" in pattern else moment.date()


def _numbered(text: str, *, day_first: bool) -> date:
    match = NUMBERED.match(text)
    if not match:
        raise BadCell(f"{text[:40]!r} is not a day and a time in numbers")
    first, second, third = (int(part) for part in match.groups()[:3])
    year, month, day = (third, second, first) if day_first else (third, first, second)
    rest = text[match.end() :].strip().lower()
    if rest not in ("", "am", "pm"):
        raise BadCell(f"{text[:40]!r} is not a day and a time in numbers")
    try:
        if match[4] is None and not rest:
            return date(year, month, day)
        hour = int(match[4] or 0)
        if rest in ("am", "pm"):
            hour = hour % 12 + (12 if rest == "pm" else 0)
        return datetime(year, month, day, hour, int(match[5] or 0), int(match[6] or 0))  # noqa: DTZ001
    except ValueError:
        raise BadCell(f"{text[:40]!r} is no day of the calendar") from None


def attribute(cell: Any) -> str | int | float | None:
    """Return an attribute as text or number; None for an empty cell. Raises BadCell for text that can't be stored."""
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return None
    if isinstance(cell, bool | date):
        return str(cell)
    if isinstance(cell, int | float):
        return cell
    text = str(cell).strip()
    if not is_valid_text(text) or len(text) > VALUE_AT_MOST:
        raise BadCell(f"{text[:40]!r} is no attribute: up to {VALUE_AT_MOST} characters that can be stored")
    if NUMERIC.fullmatch(text):
        return float(text) if "." in text else int(text)
    return text
