"""Slow estimates are requested, computed by the worker, stored with their time, renewed, and deleted."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

import ledger
from ledger.metrics import METRICS, fits, measure
from ledger.metrics.fits import keep_wanted, near_hits, refresh_fits, stored_fit, want_fits
from ledger.metrics.rollups import refresh_rollups
from ledger.metrics.rows import Selection
from tests import mini_ledger
from tests.databases import as_owner
from tests.mini_ledger import AS_OF, START

PERIOD = {"start": START, "end": AS_OF, "source": "live"}


def want_fit(db, slug, *, start, end, source, at, as_of=None):
    want_fits(db, [(slug, Selection(start, end, as_of or at, source))], at=at)


@pytest.fixture
def story(db, monkeypatch):
    """The ten workspaces, in a world where even they are too many for at once."""
    monkeypatch.setattr("ledger.metrics.fits.AT_ONCE", 3)
    monkeypatch.setattr("ledger.metrics.estimating.AT_ONCE", 3)
    mini_ledger.live_through(db)
    refresh_rollups(db, at=AS_OF)
    return db


@pytest.mark.parametrize(
    ("slug", "value"), [("incidence", 47.2), ("time-to-purchase", 21.0), ("retention-effect", None)]
)
def test_a_wanted_estimate_is_made_by_the_worker_and_stored_with_its_time(story, slug, value):
    waiting = measure(story, slug, **PERIOD, as_of=AS_OF)
    want_fit(story, slug, **PERIOD, at=AS_OF)

    made = refresh_fits(story, at=AS_OF + timedelta(minutes=1))

    result = measure(story, slug, **PERIOD, as_of=AS_OF)
    assert (waiting.value, waiting.reason) == (None, "this estimate has not been computed yet")
    assert (made, result.value, result.computed_at) == (1, value, AS_OF + timedelta(minutes=1))


def test_the_interval_of_a_mean_comes_later_than_the_mean(story):
    before = measure(story, "average-package-minutes", **PERIOD, as_of=AS_OF)
    want_fit(story, "average-package-minutes", **PERIOD, at=AS_OF)
    refresh_fits(story, at=AS_OF)

    after = measure(story, "average-package-minutes", **PERIOD, as_of=AS_OF)

    assert (before.value, before.low, before.high) == (210, None, None)
    assert (after.value, after.low < 140, after.high > 380) == (210, True, True)


def test_a_mean_of_amounts_has_its_interval_in_each_currency(story):
    with as_owner(story):
        for sentence in (
            "INSERT INTO extra_minutes_packages (code, version, arm, name, minutes, amount_cents, currency, valid_from, "
            "created_by) VALUES ('small', 2, 'standard', 'Small', 60, 999, 'eur', '2026-01-01', 'test')",
            "UPDATE extra_minutes_purchases SET currency = 'eur', package_version = 2 WHERE package = 'small'",
        ):
            story.execute(text(sentence))
    refresh_rollups(story, at=AS_OF, sweep=True)
    want_fit(story, "average-package-revenue", **PERIOD, at=AS_OF)
    refresh_fits(story, at=AS_OF)

    dollars, euros = (
        measure(story, "average-package-revenue", **PERIOD, as_of=AS_OF, currency=currency)
        for currency in ("usd", "eur")
    )

    assert (dollars.value, dollars.n) == (3099, 5)  # (3 x 1999 + 3499 + 5999) / 5
    assert dollars.low is not None
    assert dollars.low < 3099 < dollars.high
    assert (euros.value, euros.n) == (999, 2)


def test_an_estimate_is_made_once_and_renewed_when_the_data_are_an_hour_further(story):
    want_fit(story, "incidence", **PERIOD, at=AS_OF)
    first = refresh_fits(story, at=AS_OF)
    again = refresh_fits(story, at=AS_OF + timedelta(minutes=30))

    refresh_rollups(story, at=AS_OF + timedelta(hours=2))
    renewed = refresh_fits(story, at=AS_OF + timedelta(hours=2))

    assert (first, again, renewed) == (1, 0, 1)


def test_a_reading_of_the_past_is_never_given_an_estimate_that_knows_more(story):
    past = AS_OF - timedelta(days=20)
    want_fit(story, "incidence", **PERIOD, at=AS_OF)
    refresh_fits(story, at=AS_OF)

    unasked = measure(story, "incidence", **PERIOD, as_of=past)
    want_fit(story, "incidence", **PERIOD, as_of=past, at=AS_OF)
    made = refresh_fits(story, at=AS_OF)
    then, now = (measure(story, "incidence", **PERIOD, as_of=moment) for moment in (past, AS_OF))
    refresh_rollups(story, at=AS_OF + timedelta(hours=2))
    renewed = refresh_fits(story, at=AS_OF + timedelta(hours=2))

    assert (unasked.value, unasked.reason) == (None, "this estimate has not been computed yet")
    assert (made, renewed) == (1, 1)
    assert (then.n, now.n, now.value) == (7, 9, 47.2)
    assert then.value != now.value


def test_within_the_hour_of_renewal_the_estimate_of_the_present_is_given(story):
    want_fit(story, "incidence", **PERIOD, as_of=AS_OF - timedelta(minutes=50), at=AS_OF)
    refresh_fits(story, at=AS_OF)

    result = measure(story, "incidence", **PERIOD, as_of=AS_OF - timedelta(minutes=50))

    assert result.value == 47.2


def test_what_nobody_asks_for_is_forgotten(story):
    want_fit(story, "incidence", **PERIOD, at=AS_OF)
    refresh_fits(story, at=AS_OF)

    refresh_fits(story, at=AS_OF + timedelta(days=8))

    assert story.execute(text("SELECT count(*) FROM metric_fits")).scalar_one() == 0


def test_what_is_looked_at_is_not_forgotten(story):
    chosen = Selection(**PERIOD, as_of=AS_OF)
    want_fit(story, "incidence", **PERIOD, at=AS_OF)
    refresh_fits(story, at=AS_OF)

    keep_wanted(story, [("incidence", chosen)], at=AS_OF + timedelta(days=6))
    refresh_fits(story, at=AS_OF + timedelta(days=8))

    assert stored_fit(story, METRICS["incidence"], chosen) is not None


def test_another_period_or_plan_has_another_estimate(story):
    want_fit(story, "incidence", **PERIOD, at=AS_OF)
    refresh_fits(story, at=AS_OF)

    other = measure(story, "incidence", **{**PERIOD, "start": START + timedelta(days=1)}, as_of=AS_OF)
    pro = measure(story, "incidence", **PERIOD, as_of=AS_OF, plan="pro")

    assert other.value is None
    assert pro.value is None


def test_few_workspaces_are_estimated_at_once(db):
    mini_ledger.live_through(db)

    result = measure(db, "incidence", **PERIOD, as_of=AS_OF)

    assert (result.value, result.computed_at) == (47.2, None)
    assert fits.AT_ONCE >= 100


def test_a_mean_over_workspaces_waits_for_the_worker_where_many_paid(story, monkeypatch):
    at_once = measure(story, "arppu", **PERIOD, as_of=AS_OF)
    monkeypatch.setattr("ledger.metrics.fits.PAYMENTS_AT_ONCE", 3)
    waiting = measure(story, "arppu", **PERIOD, as_of=AS_OF)
    want_fit(story, "arppu", **PERIOD, at=AS_OF)
    refresh_fits(story, at=AS_OF)

    result = measure(story, "arppu", **PERIOD, as_of=AS_OF)

    euros = measure(story, "arppu", **PERIOD, as_of=AS_OF, currency="eur")
    assert (waiting.value, waiting.reason) == (None, "this estimate has not been computed yet")
    assert (result.value, result.n, result.computed_at) == (at_once.value, at_once.n, AS_OF)
    assert result.low < result.value < result.high
    assert (euros.value, euros.reason) == (None, "nothing to count in this period")


def test_hitters_of_a_plan_are_compared_with_near_hitters_of_that_plan(db):
    for plan, minutes in (("starter", 170), ("pro", 250)):
        about = {"name": plan, "owner_email": "o@example.com", "source": "live", "actor": "t"}
        ledger.create_workspace(db, plan, at=START, **about)
        ledger.update_plan_allocation(db, plan, plan, "monthly", key="first", actor="t", at=START)
        ledger.track_minutes(db, plan, minutes, key="call", at=START + timedelta(days=1))
    chosen = Selection(START, AS_OF, AS_OF, "live")

    everybody = {row["workspace_id"] for row in near_hits(db, chosen)}
    of_pro = {row["workspace_id"] for row in near_hits(db, replace(chosen, plan="pro"))}
    of_annual = near_hits(db, replace(chosen, billing_cycle="annual"))

    assert (everybody, of_pro, of_annual) == ({"starter", "pro"}, {"pro"}, [])


def test_a_share_in_which_a_workspace_counts_several_times_has_its_interval_from_the_worker(story):
    arguments = {**PERIOD, "as_of": AS_OF}
    before = measure(story, "conversion-per-hit", **arguments)
    want_fit(story, "conversion-per-hit", **PERIOD, at=AS_OF)
    refresh_fits(story, at=AS_OF)

    after = measure(story, "conversion-per-hit", **arguments)
    part = measure(story, "conversion-per-hit", **arguments, interval=False)

    assert (before.value, before.low, before.computed_at) == (50.0, None, None)
    assert (after.value, after.low, after.high, after.computed_at) == (50.0, 21.5, 78.5, AS_OF)
    assert (part.value, part.low) == (50.0, None)


def test_nobody_watched_to_day_fourteen_is_no_share_by_day_fourteen(db):
    mini_ledger.live_through(db)
    late = {"start": AS_OF - timedelta(days=12), "end": AS_OF, "source": "live", "as_of": AS_OF}

    result = measure(db, "incidence", **late)

    assert (result.value, result.n) == (None, 2)
    assert result.reason == "nobody in this period has been watched for 14 days yet"
