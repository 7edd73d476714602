"""Causes in words: counted, in the right number, and safe to show."""

import pytest

from dashboard.kit import causes
from ledger.metrics.month_causes import FACTS, Cause


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        (Cause("refund", "refunds", 1, 3), "2 refunds"),
        (Cause("refund", "refunds_of_purchases", 0, 1), "1 refund"),
        (Cause("late use", "limit_hits", 6, 7), "1 late limit hit"),
        (Cause("late purchase", "purchases", 4, 3), "1 fewer: purchase booked late"),
        (Cause("refund", "refunded_cents", 9, 5), "refunded amounts changed"),
        (Cause("definition", None, 1, 2), "definition v1 → v2"),
        (Cause("time zone", None, "UTC", "Asia/Tokyo"), "days of Asia/Tokyo instead of UTC"),
        (Cause("unknown"), "cause unknown"),
        (Cause("of a later version", "moons", 1, 2), "cause unknown"),
    ],
)
def test_a_cause_is_named(cause, said):
    assert causes.one(cause) == said


def test_several_causes_are_named_once_each():
    result = [Cause("refund", "refunds", 0, 2), Cause("unknown"), Cause("unknown")]

    assert causes.listed(result) == "2 refunds, cause unknown"


def test_there_are_words_for_every_fact():
    assert {fact.name for fact in FACTS} == {*causes.NOUNS, *causes.SENTENCES}
