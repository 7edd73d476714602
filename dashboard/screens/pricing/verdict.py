"""The verdict on a scenario: one sentence from the same draws as the table below it."""

from collections.abc import Mapping
from dataclasses import dataclass

from dashboard.text import decimal, percent, plain, short_money
from ledger.pricing import Band, Swing

LIKELY, VERY_LIKELY = 0.7, 0.95
ASSUMPTIONS: Mapping[str, str] = {
    "elasticity": "the elasticity",
    "conversion": "conversion",
    "usage": "usage",
    "mix": "which sizes sell",
}


@dataclass(frozen=True)
class Answered:
    """What the draws say about a scenario: the change of revenue in cents over `months`, and whose bills change."""

    revenue: Band
    chance_up: float
    months: int
    pay_less: int
    pay_more: int
    currency: str
    swings: Mapping[str, Swing]


def sentence(answered: Answered) -> str:
    """Return whether the scenario earns or loses money, how much, how likely, and for whom."""
    band, currency = answered.revenue, answered.currency
    if not answered.pay_less and not answered.pay_more and not round(band.middle):
        return "**Changes nothing**: no customer would have paid more or less."
    monthly = _signed(band.middle / max(answered.months, 1), currency)
    whole = f"{_signed(band.middle, currency)} over {decimal(answered.months)} months"
    span = f"{_signed(band.low, currency)} to {_signed(band.high, currency)}"
    parts = [
        f"**{_likelihood(answered.chance_up)}**: about {monthly} a month, {whole} ({span})",
        f"{percent(100 * answered.chance_up, 0)} chance revenue increases",
        f"{decimal(answered.pay_less)} customers pay less, {decimal(answered.pay_more)} more",
    ]
    if answered.swings:
        widest = max(
            answered.swings, key=lambda name: abs(answered.swings[name].high - answered.swings[name].low)
        )
        parts.append(f"rests most on {ASSUMPTIONS.get(widest, widest)}")
    return "; ".join(parts) + "."


def _likelihood(chance_up: float) -> str:
    if LIKELY > chance_up > 1 - LIKELY:
        return "Too close to call"
    surely = "Very likely" if not VERY_LIKELY > chance_up > 1 - VERY_LIKELY else "Probably"
    return f"{surely} {'earns more' if chance_up >= LIKELY else 'loses money'}"


def _signed(cents: float, currency: str) -> str:
    return plain(f"{'+' if cents > 0 else ''}{short_money(round(cents), currency)}")
