"""Packages are used up with age; what is unused is still watched, not lost."""

import pytest

from ledger.ages import use_by_age
from ledger.rollups import refresh_rollups
from tests import mini_ledger
from tests.mini_ledger import AS_OF, START


def test_the_curve_of_the_story_by_hand(db):
    mini_ledger.tell(db)
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
