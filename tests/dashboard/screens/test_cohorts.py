"""The section Cohorts: drawn once somebody opens it, few cases as counts, and its choices in the address."""

import pytest

from dashboard.screens import cohorts
from ledger.database import writing
from ledger.metrics import HitCohort, HitCohortMonth
from ledger.metrics.rollups import refresh_rollups
from ledger.minutes.attributes import set_attributes
from tests import mini_ledger
from tests.databases import migrated_database
from tests.pages.visits import hire, visit, words

JUNE = {"at": "2026-06-10T09:00:00+00:00", "source": "live"}


@pytest.fixture(scope="module")
def story():
    """The ten workspaces in June; the odd ones are German."""
    with migrated_database() as engine:
        with writing(engine) as db:
            mini_ledger.live_through(db)
            for number in range(1, 11, 2):
                set_attributes(db, f"W{number:02}", {"country": "DE"}, actor="t", at=mini_ledger.START)
            refresh_rollups(db, at=mini_ledger.AS_OF.replace(month=6, day=10))
        hire(engine, "viewer")
        yield engine


def table(app):
    """Return the cohorts that a page shows."""
    return next((frame.value for frame in app.dataframe if "cohort" in frame.value), None)


def test_cohorts_are_drawn_once_somebody_opens_them(story) -> None:
    closed = visit(story, "retention", email="viewer@example.com", **JUNE)
    opened = visit(story, "retention", email="viewer@example.com", **JUNE, cohorts="1")

    assert table(closed) is None
    assert not opened.exception
    assert table(opened)["cohort"].tolist() == ["Mar 2026", "Apr 2026"]
    assert table(opened)["workspaces"].tolist() == [6, 3]
    assert table(opened)["Month 1"].tolist() == ["4 of 6", "1 of 3"]
    assert table(opened)["Month 3"].tolist() == [
        "2 of 2",
        "",
    ]  # on 10 June at midnight W02 lacks nine hours of its third month
    assert "bought at least once" in words(opened)


def test_another_outcome_and_an_attribute_are_in_the_address(story) -> None:
    app = visit(
        story, "retention", email="viewer@example.com", **JUNE, cohorts="1", outcome="here", rows_by="country"
    )

    assert table(app)["cohort"].tolist() == ["DE", "Not set"]
    assert table(app)["Month 1"].tolist() == ["5 of 5", "3 of 4"]


def test_an_unknown_outcome_is_named_and_dropped(story) -> None:
    app = visit(story, "retention", email="viewer@example.com", **JUNE, cohorts="1", outcome="cried")

    assert any("outcome: cried" in toast.value for toast in app.toast)
    assert table(app)["Month 1"].tolist() == ["4 of 6", "1 of 3"]


def test_ten_watched_are_a_share_and_nine_are_counted() -> None:
    ten, nine = HitCohortMonth(10, 5, 2, 9), HitCohortMonth(9, 5, 2, 8)

    assert [cohorts.cell(ten, name) for name in cohorts.OUTCOMES] == ["50%", "20%", "90%"]
    assert [cohorts.cell(nine, name) for name in cohorts.OUTCOMES] == ["5 of 9", "2 of 9", "8 of 9"]


def test_a_younger_cohort_has_fewer_months() -> None:
    older = HitCohort("10-19", 12, (HitCohortMonth(12, 6, 0, 12), HitCohortMonth(12, 9, 3, 12)))
    younger = HitCohort("none", 3, (HitCohortMonth(3, 1, 0, 3),))

    drawn = cohorts.frame([older, younger], "bought", by_month=False)

    assert drawn.to_dict("list") == {
        "cohort": ["10–19", "Not set"],
        "workspaces": [12, 3],
        "Month 1": ["50%", "1 of 3"],
        "Month 2": ["75%", ""],
    }
