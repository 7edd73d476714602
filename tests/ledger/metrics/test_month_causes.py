"""Causes come from counts of what a metric reads, never from a guess."""

import re

import pytest

from ledger.metrics import METRICS
from ledger.metrics.month_causes import CAME_BACK, FACTS, Cause, causes_between
from ledger.metrics.registry import closing

SAME = {"versions": (1, 1), "timezones": ("UTC", "UTC")}


@pytest.mark.parametrize("metric", closing(), ids=lambda metric: metric.slug)
def test_every_metric_that_closes_rests_on_facts_that_are_counted(metric):
    assert [fact.name for fact in FACTS if re.search(fact.read_as, metric.sql)]


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.name)
def test_every_fact_is_read_by_a_metric_and_held_by_a_daily_sum(fact):
    assert any(re.search(fact.read_as, metric.sql) for metric in closing())
    assert METRICS[fact.sums].rollup == fact.sums if fact.sums else fact.read_as == CAME_BACK


@pytest.mark.parametrize(
    ("slug", "read", "not_read"),
    [
        ("conversion", {"late use", "late purchase"}, {"refund", "dispute", "fee"}),
        ("revenue-gross", {"late purchase"}, {"late use", "refund", "dispute"}),
        ("revenue-net", {"late purchase", "refund", "dispute"}, {"late use", "fee"}),
        ("unmet-minutes", {"late use"}, {"late purchase", "refund"}),
        ("upgrade-after-hit", {"late use", "plan change"}, {"late purchase", "refund"}),
    ],
)
def test_only_what_a_metric_reads_can_be_its_cause(slug, read, not_read):
    result = {fact.cause for fact in FACTS if re.search(fact.read_as, METRICS[slug].sql)}

    assert read <= result
    assert not result & not_read


def test_each_kind_of_cause_is_listed_once_with_the_first_count_that_differs():
    before, now = {"refunds": 1, "refunded_cents": 999}, {"refunds": 3, "refunded_cents": 2997}

    assert causes_between(before, now, **SAME) == [Cause("refund", "refunds", 1, 3)]


def test_an_amount_that_differs_at_the_same_count_is_a_cause():
    assert causes_between(
        {"refunds": 1, "refunded_cents": 9}, {"refunds": 1, "refunded_cents": 5}, **SAME
    ) == [Cause("refund", "refunded_cents", 9, 5)]


def test_returned_money_is_listed_only_where_no_refund_or_dispute_explains_it():
    back = {"refunds_of_purchases": 1, "returned_cents": 999}

    assert [one.cause for one in causes_between({}, back, **SAME)] == ["refund"]
    assert causes_between({"refunds_of_purchases": 1}, back, **SAME) == [
        Cause("money back", "returned_cents", 0, 999)
    ]


def test_facts_of_another_definition_or_other_hours_are_not_compared():
    other = {"versions": (1, 2), "timezones": ("UTC", "Asia/Tokyo")}

    assert causes_between({"refunds": 1}, {"refunds": 2}, **other) == [
        Cause("definition", None, 1, 2),
        Cause("time zone", None, "UTC", "Asia/Tokyo"),
    ]


def test_what_nothing_explains_is_unknown():
    assert causes_between({"refunds": 1}, {"refunds": 1}, **SAME) == [Cause("unknown")]
