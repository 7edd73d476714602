"""Closed months on the pages: as they closed, as they are now, and why they differ."""

from dataclasses import replace

import pytest

from ledger.database import writing
from ledger.metrics import METRICS, registry
from ledger.metrics.closed_months import close_months
from ledger.metrics.rollups import refresh_rollups
from ledger.metrics.versions import record_versions
from tests import mini_ledger
from tests.closing import LATER
from tests.databases import migrated_database
from tests.mini_ledger import AS_OF, when
from tests.pages.visits import hire, main_chart, visit, words

NOW = {"at": LATER.isoformat(), "source": "live"}
MARCH = {"period": "last-month"}  # as of 30 April
PAGES = {
    "overview": "conversion",
    "conversion": "conversion-net",
    "packages": "revenue-net",
    "liability": "liability-moves-minutes",
}


def live_through(engine):
    with writing(engine) as db:
        mini_ledger.live_through(db)
        refresh_rollups(db, at=AS_OF)
        close_months(db, at=AS_OF)
    hire(engine, "viewer")


@pytest.fixture(scope="module")
def quiet():
    """February and March have closed, and nothing came late."""
    with migrated_database() as engine:
        live_through(engine)
        yield engine


@pytest.fixture(scope="module")
def moved():
    """The same, and then a refund dated into March."""
    with migrated_database() as engine:
        live_through(engine)
        with writing(engine) as db:
            mini_ledger.refund(db, "W01", at=when("03-31 12:00"))
            refresh_rollups(db, at=LATER, sweep=True)
            close_months(db, at=LATER)
        yield engine


@pytest.fixture(scope="module")
def nothing():
    """Nobody is here."""
    with migrated_database() as engine:
        hire(engine, "viewer")
        yield engine


def table(app):
    (result,) = [one for one in app.dataframe if "closed_at" in one.value.columns]
    return result.value


def opened(engine, slug, *, page="overview", tab="closed", **selection):
    """The panel of a number, opened from a page."""
    return visit(engine, page, email="viewer@example.com", about=slug, about_tab=tab, **{**NOW, **selection})


@pytest.mark.parametrize(("page", "slug"), PAGES.items())
def test_each_page_lists_the_closed_months_of_a_number(quiet, page, slug):
    app = opened(quiet, slug, page=page)

    assert not app.exception
    assert "None changed since" in words(app)
    assert set(table(app)["month"]) <= {"2026-02", "2026-03"}
    assert "2026-03" in set(table(app)["month"])
    assert set(table(app)["cause"]) == {""}


def test_under_a_filter_the_list_says_that_months_close_as_a_whole(quiet):
    said = [
        words(opened(quiet, "conversion", **chosen))
        for chosen in ({}, {"plan": "starter"}, {"segment": "annual"})
    ]

    assert ["months close as a whole" in one for one in said] == [False, True, True]


@pytest.mark.parametrize(("page", "slug"), PAGES.items())
def test_before_any_month_has_closed_the_panel_says_when_one_will(nothing, page, slug):
    app = opened(nothing, slug, page=page)

    assert not app.exception
    assert "No month has closed yet" in words(app)


def test_a_number_that_moved_is_listed_with_both_values_and_its_cause(moved):
    app = opened(moved, "revenue-net")

    line = table(app).set_index("month").loc["2026-03"]
    assert (line.closed, line.now, line.difference, line.cause) == ("$49.97", "$39.98", "↓ $9.99", "1 refund")
    assert line.closed_at == AS_OF
    assert "1 changed since they closed" in words(app)
    refunds, conversion = (
        table(opened(moved, slug)).set_index("month").loc["2026-03"] for slug in ("refunds", "conversion")
    )
    assert refunds.difference == "↑ $9.99"
    assert conversion.closed == "3 of 6"


@pytest.mark.parametrize(
    ("slug", "said"),
    [("revenue-net", True), ("refunds", True), ("conversion-net", True), ("unmet-minutes", False)],
)
def test_a_number_of_a_closed_month_that_moved_says_so(moved, slug, said):
    app = opened(moved, slug, tab="definition", **MARCH)

    assert ("Changed since the month closed" in words(app)) == said
    if slug == "revenue-net":
        assert "Changed since the month closed: $49.97 → $39.98 (1 refund)" in words(app)


def test_a_number_of_another_period_or_of_one_plan_says_nothing_about_closing(moved):
    for selection in ({"period": "90d"}, {**MARCH, "plan": "starter"}, {"period": "month"}):
        app = opened(moved, "revenue-net", tab="definition", **selection)

        assert "Changed since the month closed" not in words(app)


def test_a_change_that_the_worker_has_not_listed_yet_is_said_all_the_same():
    with migrated_database() as engine:
        live_through(engine)
        with writing(engine) as db:
            mini_ledger.refund(db, "W01", at=when("03-31 12:00"))
            refresh_rollups(db, at=LATER, sweep=True)

        app = opened(engine, "revenue-net", tab="definition", **MARCH)

        assert "$49.97 → $39.98 (cause not known yet)" in words(app)


def test_as_of_an_earlier_time_later_readings_are_not_known(moved):
    app = opened(moved, "revenue-net", at=AS_OF.isoformat())

    assert "None changed since" in words(app)


def test_a_definition_that_changed_is_a_line_on_the_chart_and_a_line_of_its_history(monkeypatch):
    with migrated_database() as engine:
        live_through(engine)
        with monkeypatch.context() as patch, writing(engine) as db:
            other = replace(METRICS["conversion"], version=3, formula="another formula")
            patch.setattr(registry, "METRICS", {**METRICS, "conversion": other})
            record_versions(db, at=when("04-20 00:00"))

        app = opened(engine, "conversion", page="conversion", tab="notes")
        history = words(visit(engine, "definitions", email="viewer@example.com", find="conversion-net"))
        of_this = words(visit(engine, "definitions", email="viewer@example.com", find="conversion"))

    assert "Conversion after a limit" in main_chart(app)
    assert "Definition change · v2 → v3: Conversion after a limit hit" in words(app)
    assert "Version 3 since Apr 20, 2026" in of_this
    assert "Version 3" not in history


def test_the_definitions_say_since_when_they_hold(quiet):
    app = visit(quiet, "definitions", email="viewer@example.com", find="incidence")

    assert "Version 1 since Apr 30, 2026" in words(app)
