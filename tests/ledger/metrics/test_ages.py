"""Packages are used up with age; what is unused is still watched, not lost."""

from collections import Counter
from datetime import date

import pytest
from sqlalchemy import text

from ledger.metrics.ages import use_by_age
from ledger.metrics.rollups import refresh_rollups
from tests import mini_ledger, random_company
from tests.mini_ledger import AS_OF, START

LOTS = """
SELECT CAST(l.acquired_at AS date) AS bought, l.remaining,
       (SELECT json_agg(json_build_array(d.day, d.drawn, d.voided)) FROM lot_days d
        WHERE d.workspace_id = l.workspace_id AND d.lot_id = l.lot_id) AS days
FROM lots l JOIN paid_purchases p ON p.workspace_id = l.workspace_id AND p.purchase_id = l.purchase_id
WHERE CAST(:plan AS text) IS NULL OR plan_at(l.workspace_id, l.acquired_at, 'plan') = :plan
"""


def test_the_curve_of_the_story_by_hand(db):
    mini_ledger.live_through(db)
    refresh_rollups(db, at=AS_OF)

    curve = use_by_age(db, source="live", start=START, end=AS_OF, as_of=AS_OF)

    # 1,470 minutes begin. Age 1: 45 of Small (W01) and 30 of Jumbo used, 60 refunded; age 2: 120 of Large used.
    share = dict(zip(curve["days"], curve["value"], strict=True))
    after_one = 1 - 75 / 1470
    after_two = after_one * (1 - 120 / (1470 - 75 - 60))
    assert share[1] == pytest.approx(100 * (1 - after_one), abs=0.01)
    assert share[2] == pytest.approx(100 * (1 - after_two), abs=0.01)
    assert share[29] > share[2]
    assert curve["seen_days"] == 59


def test_nothing_sold_has_no_curve(db):
    assert use_by_age(db, source="live", start=START, end=AS_OF, as_of=AS_OF) is None


def test_the_curve_counts_each_minute_once_and_can_be_that_of_one_plan(db):
    random_company.live_through(db, seed=11, workspaces=14, things=30)
    refresh_rollups(db, at=random_company.AS_OF)
    arguments = {"source": "sandbox", "start": random_company.BEGIN, "end": random_company.AS_OF}

    curves = {
        plan: use_by_age(db, **arguments, as_of=random_company.AS_OF, plan=plan)
        for plan in (None, "starter", "pro")
    }

    for plan, curve in curves.items():
        lots = db.execute(text(LOTS), {"plan": plan}).all()
        assert (curve["days"], curve["value"]) == by_hand(lots, random_company.AS_OF.date())
    assert len({tuple(curve["value"]) for curve in curves.values()}) == 3


def by_hand(lots, known):
    """Each minute watched alone, from its purchase to its use, until it was taken back, or until the last day."""
    used, gone = Counter(), Counter()
    for lot in lots:
        for day, drawn, voided in lot.days or ():
            age = max((date.fromisoformat(day) - lot.bought).days, 0)
            used[age] += drawn
            gone[age] += voided
        gone[max((known - lot.bought).days, 0)] += lot.remaining
    watched, left, days, value = sum(used.values()) + sum(gone.values()), 1.0, [0], [0.0]
    for age in sorted(age for age in {*used, *gone} if used[age] or gone[age]):
        left *= 1 - used[age] / watched if watched else 1
        watched -= used[age] + gone[age]
        days.append(age)
        value.append(round(100 * (1 - left), 2))
    return days, value
