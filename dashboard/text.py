"""How people read numbers, money and times, in the one locale of the installation; customers' text is never markup.

Everything here returns plain text. Text with a dollar sign, a star or a customer's name goes through `plain` before
Markdown shows it; charts, tables, files and mails show it as it is.
"""

import re
from collections.abc import Mapping
from copy import copy
from datetime import date, datetime, timedelta
from functools import cache
from typing import Literal

from babel import Locale
from babel.dates import format_date, format_interval, format_skeleton, format_timedelta
from babel.numbers import NumberPattern, format_decimal

from dashboard import installation
from ledger.errors import LedgerError
from ledger.minutes import LotStory
from ledger.money import digits_of, units_of

_ADDRESS = re.compile(r"(https?:(?=//)|www(?=\.))", re.IGNORECASE)
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_LETTERS_BEFORE_DIGITS = re.compile(r"(?<=[A-Za-z])(?=\d)")
_MILLION, _COMPACT_FROM_UNITS, _WHOLE_FROM_UNITS = 1_000_000, 10_000_000, 100
PURCHASE_STATES: Mapping[str, tuple[Literal["orange", "green", "red", "gray", "blue"], str]] = {
    "requires_payment": ("orange", "waiting for payment"),
    "requires_action": ("orange", "waiting for the cardholder"),
    "processing": ("orange", "payment processing"),
    "paid": ("green", "paid"),
    "failed": ("red", "not paid"),
    "canceled": ("gray", "canceled"),
    "quarantined": ("red", "quarantined: the payment doesn't match"),
    "partially_refunded": ("blue", "partly refunded"),
    "refunded": ("blue", "refunded"),
    "disputed": ("red", "disputed"),
}
"""Colour and words of every state of a purchase."""


def plain(text: str) -> str:
    """Return text that st.markdown, titles and labels show letter by letter, whatever markup it contains.

    Markdown makes links of bare addresses even when they are escaped; an invisible joiner inside keeps them text.
    """
    return _PUNCTUATION.sub(r"\\\1", _ADDRESS.sub("\\1\u2060", " ".join(text.split())))


def unlinked(address: str) -> str:
    """Return an e-mail address (as `plain` text) that st.markdown shows as text and not as a link."""
    return address.replace("\\@", ":gray[@]")


def problem(error: LedgerError) -> str:
    """Return one sentence about what the ledger refused, safe to show as Markdown."""
    return plain(str(error))


@cache
def _locale(name: str) -> Locale:
    return Locale.parse(name)


def locale() -> Locale:
    """Return the locale of numbers and dates: the setting REPORT_LOCALE."""
    return _locale(installation.settings().report_locale)


def minus(number: str) -> str:
    """Return a written number with a real minus sign."""
    return number.replace("-", "−")


def decimal(number: float, digits: int = 0) -> str:
    """Return `1,234.5`: a number with a fixed count of digits behind the point."""
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return minus(str(format_decimal(number, format=pattern, locale=locale())))


def minutes(number: float) -> str:
    """Return `1,234 min`."""
    return f"{decimal(number, 0 if number % 1 == 0 else 1)} min"


def signed(number: float, digits: int = 0) -> str:
    """Return `+60` or `−5`; nothing in front of a number that is shown as zero."""
    text = decimal(abs(number), digits)
    return text if not _counts(text) else f"{'−' if number < 0 else '+'}{text}"


def _counts(text: str) -> bool:
    """Return whether a written number is more than zeros."""
    return any(digit in text for digit in "123456789")


def percent(number: float, digits: int = 1) -> str:
    """Return `33.0%` for 33.0."""
    return f"{decimal(number, digits)}%"


def percent_range(low: float | None, high: float | None) -> str:
    """Return `27.6–38.8%`; with a bound that was not reached `27.6% or more`, `38.8% or less`."""
    if low is None or high is None:
        return open_range(*(None if bound is None else percent(bound) for bound in (low, high)))
    return f"{decimal(low, 1)}–{percent(high)}"


def open_range(low: str | None, high: str | None) -> str:
    """Return a range with one end, `21 days or more`; nothing when neither was reached."""
    if low is not None:
        return f"{low} or more"
    return "" if high is None else f"{high} or less"


def points(number: float) -> str:
    """Return `−1.1 pp`: a difference of two percentages."""
    return f"{signed(number, 1)} pp"


@cache
def _money_pattern(name: str, digits: int) -> NumberPattern:
    """Return the locale's way to write money, with as many digits as we want and not as CLDR wants."""
    pattern: NumberPattern = copy(_locale(name).currency_formats["standard"])
    pattern.frac_prec = (digits, digits)
    return pattern


def _money(units: float, currency: str, digits: int) -> str:
    where = locale()
    written = _money_pattern(str(where), digits).apply(
        units, where, currency=currency.upper(), currency_digits=False
    )
    return minus(_LETTERS_BEFORE_DIGITS.sub("\u00a0", str(written)))


def money(amount_cents: float, currency: str, *, more_digits: int = 0) -> str:
    """Return `$19.99`, `¥1,999`, `KWD 1.999`: exact, as tables and confirmations show it."""
    digits = digits_of(currency) + more_digits
    return _money(float(units_of(amount_cents, currency)), currency, digits)


def short_money(amount_cents: float, currency: str) -> str:
    """Return `$28,492`: as a tile shows it. Cents count below 100, from ten million on millions do."""
    units = float(units_of(amount_cents, currency))
    if abs(units) >= _COMPACT_FROM_UNITS:
        return f"{_money(units / _MILLION, currency, 1)}M"
    if abs(units) >= _WHOLE_FROM_UNITS:
        return _money(units, currency, 0)
    return money(amount_cents, currency)


def spaced(code: str) -> str:
    """Return a state as words: `partially refunded`, `incorrect CVC`."""
    return code.replace("_", " ").replace("cvc", "CVC")


def sentence_case(code: str) -> str:
    """Return a state as a label: `Partially refunded`."""
    words = spaced(code)
    return words[:1].upper() + words[1:]


def counted(number: int, one: str, many: str, **others: object) -> str:
    """Return `1 use` or `2,000 uses`: the sentence for one or for several, with `{n}` for how many, and `others`."""
    return (one if number == 1 else many).format(n=decimal(number), **others)


def local(at: datetime) -> datetime:
    """Return the moment in the report time zone, in which people read days and times; `%Z` writes which that is."""
    return at.astimezone(installation.settings().report_zone)


def day(moment: datetime) -> str:
    """Return `Nov 3, 2026`, in the report time zone."""
    return calendar_day(local(moment).date())


def calendar_day(on: date) -> str:
    """Return `Nov 3, 2026`."""
    return str(format_date(on, "medium", locale=locale()))


def days(first: date, last: date) -> str:
    """Return `Sep 2 – Nov 30, 2026`, both included."""
    if first == last:
        return calendar_day(first)
    return str(format_interval(first, last, "yMMMd", locale=locale())).replace("\u2009", " ")


def month(first: date) -> str:
    """Return `Nov 2026`."""
    return str(format_skeleton("yMMM", first, locale=locale()))


def clock_time(at: datetime) -> str:
    """Return `14:05`, in the report time zone."""
    return str(format_skeleton("Hm", local(at).replace(tzinfo=None), locale=locale()))


def moment(at: datetime) -> str:
    """Return `Nov 3, 2026 14:05 UTC`, in the report time zone and with its name."""
    return f"{day(at)} {clock_time(at)} {local(at):%Z}"


def ago(at: datetime, now: datetime) -> str:
    """Return `3h ago`, or `just now`."""
    if now - at < timedelta(seconds=1):
        return "just now"
    return str(format_timedelta(at - now, format="narrow", add_direction=True, locale=locale()))


def duration(seconds: float) -> str:
    """Return `2 hours`: the largest unit alone."""
    return str(format_timedelta(timedelta(seconds=seconds), locale=locale()))


def lot_name(story: LotStory) -> str:
    """Return what a lot is called on the screen: where its minutes came from, and when."""
    names = {
        "allocation": "plan",
        "reset": "monthly plan",
        "grant": "grant",
        "purchase": story.package_name or "purchase",
    }
    return f"{names[story.credited_by]} · {day(story.acquired_at)}"
