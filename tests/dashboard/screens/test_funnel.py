"""The funnel in words: shares of the limit hits, and what nobody reports."""

from dashboard.screens.funnel import level_frame, named, sentence
from ledger.metrics import AlertLevel, Funnel


def test_steps_that_nobody_reports_are_not_said_to_be_zero() -> None:
    said = sentence(named(Funnel(hit=8, alerted=0, offered=0, begun=3, paid=2)))

    assert said == (
        "Limit hit: 100.0%, Alert delivered: not reported, Offer seen: not reported, Purchase begun: 37.5%, "
        "Paid within 14 days: 25.0%"
    )
    assert "Offer seen: 50.0%" in sentence(named(Funnel(hit=8, alerted=1, offered=4, begun=3, paid=2)))


def test_few_alerts_have_no_share() -> None:
    many = AlertLevel(percent_used=80, reached=200, bought=30, bought_before_next=10)
    few = AlertLevel(percent_used=100, reached=3, bought=1, bought_before_next=1)
    frame = level_frame([many, few])

    assert list(frame["level"]) == ["80%", "100%"]
    assert list(frame["share"]) == ["15.0%", ""]
