"""Cohorts of the story of ten workspaces, computed by hand up to 10 June 09:00.

| hit | workspace | watched | first purchase | second | left |
|---|---|---|---|---|---|
| 5 March 10:00 | W01 | 3 months | 5 March | 5 April 10:00: in the second month, to the minute | |
| 8 March | W09 | 3 | 9 April: in the second month | | |
| 10 March 09:00 | W02 | 3, to the minute | 20 March | 9 June: in the third month | |
| 12 March | W03 | 2 | in test mode: never | | |
| 15 March | W04 | 2 | 5 April: in the first month | | |
| 28 March | W05 | 2 | 29 March, refunded | | |
| 2 April | W06 | 2 | | | 6 April |
| 20 April | W07 | 1 | 22 April | | |
| 25 April | W08 | 1 | | | |
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ledger.metrics.cohorts import HitCohortMonth, list_cohorts
from ledger.metrics.rows import Selection
from ledger.minutes.attributes import set_attributes
from tests import mini_ledger
from tests.mini_ledger import START, when

AS_OF = datetime(2026, 6, 10, 9, tzinfo=UTC)
ALL = Selection(START, AS_OF, AS_OF, "live")


@pytest.fixture
def story(db):
    """The ten workspaces, and two of them buy again."""
    mini_ledger.live_through(db)
    mini_ledger._buys("W01", "small")(db, when("04-05 10:00"))
    mini_ledger._buys("W02", "small")(db, when("06-09 09:00"))
    for number in range(1, 11, 2):
        set_attributes(db, f"W{number:02}", {"country": "DE"}, actor="t", at=START)
    return db


def months(cohorts):
    """Return size and months (watched, bought, again, here) by part."""
    return {
        one.part: (
            one.workspaces,
            [(month.watched, month.bought, month.again, month.here) for month in one.months],
        )
        for one in cohorts
    }


def test_each_month_counts_who_was_watched_to_its_end_and_what_they_did_by_then(story):
    assert months(list_cohorts(story, ALL)) == {
        "2026-03-01": (6, [(6, 4, 0, 6), (6, 5, 1, 6), (3, 3, 2, 3)]),
        "2026-04-01": (3, [(3, 1, 0, 2), (1, 0, 0, 0)]),
    }


def test_cohorts_by_an_attribute_put_all_months_together(story):
    assert months(list_cohorts(story, ALL, by="country")) == {
        "DE": (5, [(5, 3, 0, 5), (4, 3, 1, 4), (2, 2, 1, 2)]),
        "none": (4, [(4, 2, 0, 3), (3, 2, 0, 2), (1, 1, 1, 1)]),
    }


def test_a_month_counts_from_the_minute_in_which_it_is_over(story):
    earlier = replace(ALL, as_of=AS_OF - timedelta(minutes=1))

    [march, _] = list_cohorts(story, earlier)

    assert march.months[2] == HitCohortMonth(watched=2, bought=2, again=1, here=2)


def test_what_happened_after_the_moment_is_not_known_then(story):
    """On 5 April only W01 has been watched for a month; its second purchase is in the next one, and W06 is still there."""
    known = list_cohorts(story, replace(ALL, as_of=when("04-05 10:00")))

    assert months(known) == {"2026-03-01": (6, [(1, 1, 0, 1)]), "2026-04-01": (1, [])}


def test_filters_narrow_cohorts(story):
    german = list_cohorts(story, replace(ALL, attributes={"country": "DE"}))
    annual = list_cohorts(story, replace(ALL, billing_cycle="annual"))
    april = list_cohorts(story, ALL.within(when("04-01 00:00"), AS_OF))

    assert {one.part: one.workspaces for one in german} == {"2026-03-01": 4, "2026-04-01": 1}
    assert annual == []
    assert [one.part for one in april] == ["2026-04-01"]
    assert list_cohorts(story, replace(ALL, source="sandbox")) == []
