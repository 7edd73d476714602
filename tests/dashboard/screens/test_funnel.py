"""The funnel in words: shares of the limit hits, and what nobody reports."""

from dashboard.screens.funnel import named, sentence
from ledger.metrics import Funnel


def test_steps_that_nobody_reports_are_not_said_to_be_zero() -> None:
    said = sentence(named(Funnel(hit=8, alerted=0, offered=0, begun=3, paid=2)))

    assert said == (
        "Limit hit: 100.0%, Alert delivered: not reported, Offer seen: not reported, Purchase begun: 37.5%, "
        "Paid within 14 days: 25.0%"
    )
    assert "Offer seen: 50.0%" in sentence(named(Funnel(hit=8, alerted=1, offered=4, begun=3, paid=2)))
