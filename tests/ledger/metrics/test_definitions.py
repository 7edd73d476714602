"""The worked example: ten workspaces whose numbers were worked out with pencil and paper."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from ledger.metrics import METRICS, each_row, measure
from ledger.metrics.documenting import document
from ledger.metrics.measures import worked
from ledger.metrics.rollups import refresh_rollups
from tests import mini_ledger
from tests.databases import migrated_database
from tests.mini_ledger import AS_OF, START

SELECTION = {"start": START, "end": AS_OF, "as_of": AS_OF, "source": "live"}


@pytest.fixture(scope="module")
def mini():
    """The story, rolled up."""
    with migrated_database() as engine, engine.connect() as db, db.begin() as transaction:
        mini_ledger.live_through(db)
        refresh_rollups(db, at=AS_OF)
        yield db
        transaction.rollback()


@pytest.mark.parametrize("slug", METRICS)
def test_every_definition_gives_its_worked_example(mini, slug):
    assert worked(measure(mini, slug, **SELECTION)) == METRICS[slug].example


@pytest.mark.parametrize("slug", [slug for slug, metric in METRICS.items() if not metric.needs_rollups])
def test_the_worked_examples_do_not_depend_on_the_daily_sums(db, slug):
    mini_ledger.live_through(db)

    assert worked(measure(db, slug, **SELECTION)) == METRICS[slug].example


def test_the_headline_asks_of_each_workspace_whether_any_of_its_hits_led_to_a_purchase(mini):
    """By hand, as of 30 April: a hit counts when it is of 16 April or earlier.

    W01 5 March, small 2 hours later: bought       W02 10 March, medium on day 10: bought (its hit of 18 April is young)
    W03 12 March, nothing live: not                 W04 15 March, large on day 21: not
    W05 28 March, small next day: bought            W06 2 April, left: not
    W09 8 March: nothing within 14 days, but 8 April, medium next day: bought, and this is what the first hit misses
    W07 20 April and W08 25 April: pending          W10 never hit the limit
    """
    behind = {row["workspace_id"]: row for row in each_row(mini, "conversion", **SELECTION)}

    assert {name for name, row in behind.items() if row["value"] == 1} == {"W01", "W02", "W05", "W09"}
    assert {name for name, row in behind.items() if row["weight"] == 1 and not row["value"]} == {
        "W03",
        "W04",
        "W06",
    }
    assert {name for name, row in behind.items() if row["pending"]} == {"W07", "W08"}
    result = {
        slug: measure(mini, slug, **SELECTION)
        for slug in ("conversion", "conversion-first-hit", "conversion-per-hit")
    }
    assert {slug: (one.numerator, one.denominator, one.pending) for slug, one in result.items()} == {
        "conversion": (4, 7, 2),
        "conversion-first-hit": (3, 7, 2),
        "conversion-per-hit": (4, 8, 3),
    }


def test_seven_other_definitions_of_conversion_would_say_something_else(mini):
    hits = list(each_row(mini, "conversion-first-hit", **SELECTION))
    ever = {row["workspace_id"] for row in each_row(mini, "incidence", **SELECTION) if row["paid_at"]}
    april = mini_ledger.when("04-01 00:00")

    bought_in_april = {
        r["workspace_id"] for r in each_row(mini, "revenue-gross", **{**SELECTION, "start": april})
    }
    hit_in_april = {
        r["workspace_id"] for r in each_row(mini, "conversion-per-hit", **{**SELECTION, "start": april})
    }

    assert (sum(row["paid_at"] is not None for row in hits), len(hits)) == (4, 9)
    assert len(ever) == 6
    assert (len(bought_in_april), len(hit_in_april)) == (3, 5)


def test_a_test_mode_purchase_counts_nowhere(mini):
    rows = [
        row for slug in METRICS for row in each_row(mini, slug, **SELECTION) if row["workspace_id"] == "W03"
    ]

    assert not any(row.get("paid_at") or row["package"] for row in rows)
    assert (
        mini.execute(
            text("SELECT count(*) FROM extra_minutes_purchases WHERE workspace_id = 'W03'")
        ).scalar_one()
        == 1
    )


def test_what_is_owed_is_each_lots_own_minutes_at_its_own_price(mini):
    owed = {
        (r["workspace_id"], r["package"]): (r["unused_minutes"], float(r["value"]))
        for r in each_row(mini, "liability-money", **SELECTION)
    }

    assert owed == {
        ("W01", "small"): (15, pytest.approx(249.75)),
        ("W04", "large"): (180, pytest.approx(2099.4)),
        ("W07", "jumbo"): (570, pytest.approx(5699.05)),
        ("W09", "medium"): (150, pytest.approx(1999)),
        ("W10", "medium"): (150, pytest.approx(1999)),
    }


def test_the_mix_stands_behind_the_mean(mini):
    result = measure(mini, "average-package-minutes", **SELECTION, by="package")

    assert {part.part: part.n for part in result.parts} == {"small": 2, "medium": 3, "large": 1, "jumbo": 1}


def test_the_second_hit_of_the_drained_package_is_not_old_enough(mini):
    pending = [
        row["workspace_id"] for row in each_row(mini, "conversion-per-hit", **SELECTION) if row["pending"]
    ]

    assert sorted(pending) == ["W02", "W07", "W08"]


def test_half_have_bought_only_after_the_window(mini):
    assert measure(mini, "time-to-purchase", **SELECTION).value == pytest.approx(21)
    assert measure(mini, "incidence", **SELECTION).value < 50


def test_a_later_reading_lets_the_pending_mature(mini):
    later = AS_OF + timedelta(days=30)
    refresh_rollups(mini, at=later)

    first, headline = (
        measure(mini, slug, **{**SELECTION, "as_of": later})
        for slug in ("conversion-first-hit", "conversion")
    )

    assert (first.numerator, first.n, first.pending) == (4, 9, 0)
    assert (headline.numerator, headline.n, headline.pending) == (5, 9, 0)


def test_the_page_of_definitions_is_fresh():
    written = Path(__file__).parents[3] / "docs" / "metrics.md"

    assert written.read_text("utf-8") == document(), (
        "run: python -m ledger.metrics.documenting > docs/metrics.md"
    )
