"""Why the number of a closed month changed, in words."""

from collections.abc import Iterable

from dashboard.text import decimal
from ledger.metrics import Cause

NOUNS = {
    "limit_hits": ("late limit hit", "late limit hits"),
    "first_limit_hits": ("late first limit hit", "late first limit hits"),
    "first_warnings": ("late alert at 80%", "late alerts at 80%"),
    "unmet_uses": ("late use that was not served", "late uses that were not served"),
    "minutes_used": ("minute used late", "minutes used late"),
    "purchases": ("purchase booked late", "purchases booked late"),
    "first_payments": ("first purchase booked late", "first purchases booked late"),
    "refunds": ("refund", "refunds"),
    "refunds_of_purchases": ("refund", "refunds"),
    "disputes_lost": ("lost dispute", "lost disputes"),
    "disputes_of_purchases": ("lost dispute", "lost disputes"),
    "minutes_taken_back": ("minute taken back", "minutes taken back"),
    "fees": ("fee booked late", "fees booked late"),
    "upgrades": ("upgrade booked late", "upgrades booked late"),
}
"""Counted facts, singular and plural."""
SENTENCES = {
    "paid_cents": "paid amounts changed",
    "refunded_cents": "refunded amounts changed",
    "disputed_cents": "disputed amounts changed",
    "returned_cents": "money came back",
}


def listed(causes: Iterable[Cause]) -> str:
    """Return all causes in one line: `2 refunds, 1 purchase booked late`."""
    return ", ".join(dict.fromkeys(one(cause) for cause in causes))


def one(cause: Cause) -> str:
    """Return a cause in words; `cause unknown` if no counted fact differs."""
    if cause.cause == "definition":
        return f"definition v{cause.before} → v{cause.now}"
    if cause.cause == "time zone":
        return f"days of {cause.now} instead of {cause.before}"
    if cause.fact in SENTENCES:
        return SENTENCES[cause.fact]
    if cause.fact not in NOUNS:
        return "cause unknown"
    more = cause.now - cause.before
    noun = NOUNS[cause.fact][abs(more) != 1]
    return f"{decimal(more)} {noun}" if more > 0 else f"{decimal(-more)} fewer: {noun}"
