"""Words on the screen: how people read numbers and times, and customers' own text shown as text, never as markup."""

import re
from datetime import datetime

from dashboard import installation
from ledger.errors import LedgerError
from ledger.minutes.explanations import LotStory

_ADDRESS = re.compile(r"(https?:(?=//)|www(?=\.))", re.IGNORECASE)
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_DECIMALS = {"jpy": 0, "krw": 0, "vnd": 0, "clp": 0, "bhd": 3, "jod": 3, "kwd": 3, "omr": 3, "tnd": 3}


def plain(text: str) -> str:
    """Return text that st.markdown, titles and labels show letter by letter, whatever markup it contains.

    Markdown makes links of bare addresses even when they are escaped; an invisible joiner inside keeps them text.
    """
    return _PUNCTUATION.sub(r"\\\1", _ADDRESS.sub("\\1\u2060", " ".join(text.split())))


def problem(error: LedgerError) -> str:
    """One sentence for staff about what the ledger refused, safe to show as Markdown."""
    return plain(str(error))


def minutes(number: int) -> str:
    """`1,234 min`, with a real minus sign."""
    return minus(f"{number:,} min")


def minus(number: str) -> str:
    """A written number with a real minus sign."""
    return number.replace("-", "−")


def decimals(currency: str) -> int:
    """How many digits a currency has behind the point: 2 for most."""
    return _DECIMALS.get(currency.lower(), 2)


def money(amount_cents: int, currency: str) -> str:
    """`19.99 USD`; currencies without cents are written without them."""
    digits = decimals(currency)
    return minus(f"{amount_cents / 10**digits:,.{digits}f} {currency.upper()}")


def spaced(code: str) -> str:
    """A state as words: `partially refunded`."""
    return code.replace("_", " ")


def counted(number: int, one: str, many: str, **others: object) -> str:
    """`1 use` or `2,000 uses`: the sentence for one thing or for several, with `{n}` for how many, and `others`."""
    return (one if number == 1 else many).format(n=f"{number:,}", **others)


def local(at: datetime) -> datetime:
    """The moment in the report time zone, in which people read days and times; `%Z` writes which that is."""
    return at.astimezone(installation.settings().report_zone)


def day(moment: datetime) -> str:
    """`3 Nov 2026`, in the report time zone."""
    return f"{local(moment).day} {local(moment):%b %Y}"


def moment(at: datetime) -> str:
    """`3 Nov 2026 14:05 UTC`, in the report time zone and with its name."""
    return f"{day(at)} {local(at):%H:%M %Z}"


def lot_name(story: LotStory) -> str:
    """What a lot is called on the screen: where its minutes came from, and when."""
    names = {
        "allocation": "plan",
        "reset": "monthly plan",
        "grant": "grant",
        "purchase": story.package_name or "purchase",
    }
    return f"{names[story.credited_by]} · {day(story.acquired_at)}"


def signed(number: int) -> str:
    """`+60` or `−5`: a change of minutes."""
    return minus(f"{number:+,}")
