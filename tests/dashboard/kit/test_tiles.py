"""What a tile shows: the number in its unit, counts where there are few, and never more than is known."""

import re
import zlib
from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

import ledger
from dashboard.installation import Installation, use_installation
from dashboard.kit import filters, freshness, report, tiles
from dashboard.kit.figures import Figures
from dashboard.kit.periods import comparison, named
from dashboard.screens import conversion, liability, overview, packages, purchases, retention
from ledger.database import reading, writing
from ledger.metrics import METRICS, Measure
from ledger.metrics.rollups import refresh_rollups
from ledger.metrics.sums import rollup_state
from ledger.payments.purchases import place_purchase
from ledger.settings import load_settings
from tests import mini_ledger
from tests.bench.overview import overview_queries
from tests.mini_ledger import AS_OF

AT = datetime(2026, 3, 1, 14, 5, tzinfo=UTC)
SOME = Measure(
    slug="conversion", value=42.9, unit="percent", n=70, low=31.9, high=54.5, pending=4, as_of=AT, definition_version=1,
    source="live", start=AT, end=AT, numerator=30, denominator=70,
)  # fmt: skip


@pytest.mark.parametrize(
    ("value", "unit", "currency", "said"),
    [
        (42.9, "percent", None, "42.9%"),
        (1065.0, "minutes", None, "1,065 min"),
        (210.5, "minutes", None, "210.5 min"),
        (-16494.0, "cents", "usd", "−$165"),
        (1999.0, "cents", "jpy", "¥1,999"),
        (11.9, "cents", "usd", "$0.1190"),
        (11.9, "cents", "jpy", "¥11.90"),
        (21.04, "days", None, "21.0 days"),
    ],
)
def test_a_number_is_said_in_its_unit(value, unit, currency, said):
    assert tiles.number(value, unit, currency) == said


def test_few_cases_are_counts_and_nothing_is_a_dash():
    assert tiles.shown(SOME) == "42.9%"
    assert tiles.shown(replace(SOME, n=7, numerator=3, denominator=7)) == "3 of 7"
    assert tiles.shown(replace(SOME, value=None)) == "–"


def test_currencies_stand_side_by_side():
    dollars = replace(SOME, slug="revenue-net", unit="cents", currency="usd", value=1999.0)
    yen = replace(dollars, currency="jpy", value=300.0)

    assert tiles.shown(replace(dollars, value=None, currency=None, parts=(dollars, yen))) == "$19.99 · ¥300"


def test_the_line_below_says_how_sure_a_number_is_and_the_panel_how_fresh_and_by_which_definition():
    assert tiles.muted(SOME) == "31.9–54.5% · 70 workspaces · 4 still open"
    assert freshness.footer(SOME) == "Definition version 1 · data to Mar 1, 2026 14:05 UTC"


def test_a_sparkline_needs_three_points_and_begins_at_zero():
    drawn = tiles.sparkline([10.0, 20.0, 10.0])
    points = re.search(r'points="([^"]+)"', b64decode(drawn.split("base64,")[1].split('"')[0]).decode())

    assert tiles.sparkline([1.0, 2.0]) == ""
    assert points is not None
    assert [round(float(point.split(",")[1])) for point in points[1].split()] == [14, 2, 14]


def test_every_number_of_every_page_is_a_metric():
    named_by_pages = {
        *overview.HEADLINES, *overview.SUPPORTING, *conversion.SLUGS, *conversion.MORE, *packages.SLUGS, *packages.SIZE,
        *packages.MONEY, *packages.BUYERS, *purchases.ARRIVAL, *liability.SLUGS,
    }  # fmt: skip
    drawn_as_charts = {*liability.MOVES, "use-by-age"}

    assert named_by_pages | drawn_as_charts == set(METRICS)


@pytest.fixture
def story(engine):
    with writing(engine) as db:
        mini_ledger.live_through(db)
        refresh_rollups(db, at=AS_OF)
    use_installation(Installation(engine, load_settings({})))
    return engine


def chosen(db, name="month"):
    period = named(name, now=AS_OF, timezone="UTC")
    return filters.Filters(
        period, comparison(period, "previous"), "live", None, None, AS_OF, rollup_state(db)
    )


def test_the_overview_asks_everything_at_once_for_a_benchmark(story):
    with reading(story) as db:
        results = overview_queries(db, source="live", today=AS_OF.date(), as_of=AS_OF)

    values = {one.slug: one.value for one in results if one.part is None and not one.parts}
    assert values["revenue-net"] is not None
    assert {*overview.HEADLINES, *overview.SUPPORTING} <= {one.slug for one in results}


def test_too_few_cases_and_an_estimate_of_its_own_window_are_not_compared(story):
    with reading(story) as db:
        figures = Figures(db, chosen(db, "30d"))

        assert figures.change("average-package-minutes") is None  # seven purchases: too few to compare
        assert figures.change("retention-effect") is None


def test_what_is_given_back_later_is_compared_after_equally_long(engine):
    with writing(engine) as db:
        for week, days_ago in (("now", 3), ("before", 9)):
            for n in range(12):
                name, at = f"{week}-{n}", AS_OF - timedelta(days=days_ago)
                about = {"name": name, "owner_email": "o@example.com", "source": "live", "actor": "t"}
                ledger.create_workspace(db, name, at=at, **about)
                bought = place_purchase(db, name, "small", mode="live", key="k", actor="o", at=at)
                mini_ledger.pay(db, name, bought.purchase_id, at=at)
                if week == "before":
                    mini_ledger.refund(db, name, at=AS_OF - timedelta(days=1), cents=None)
        refresh_rollups(db, at=AS_OF)

    with reading(engine) as db:
        figures = Figures(db, chosen(db, "7d"))
        change, size = (figures.change(slug) for slug in ("refund-rate", "average-package-minutes-net"))

    assert change is not None
    assert size is not None
    assert (change.shown, size.by) == ("0.0 pp", 0)
    assert change.days == "Apr 18 – 23, 2026"


def test_what_is_given_back_later_is_not_compared_where_that_would_have_to_be_counted(story, monkeypatch):
    monkeypatch.setattr("ledger.metrics.fits.PAYMENTS_AT_ONCE", 0)
    with reading(story) as db:
        assert Figures(db, chosen(db, "30d")).change("refund-rate") is None


def test_an_interval_over_few_is_said_to_be_rough():
    few = replace(SOME, slug="average-package-minutes", unit="minutes", n=7, low=120.0, high=407.0)

    assert "small sample: treat as rough" in tiles.muted(few)
    assert "rough" not in tiles.muted(replace(few, n=10))


def test_an_interval_may_have_no_end():
    half = replace(SOME, slug="time-to-purchase", unit="days", value=21.0, low=2.0, high=None)

    assert tiles.span(half) == "2.0 days or more"


def test_the_printed_overview_has_the_numbers_of_the_screen(story):
    with reading(story) as db:
        request = chosen(db, "90d")

    paper = report.overview_pdf(request, (*overview.HEADLINES, *overview.SUPPORTING))

    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", paper, re.DOTALL)
    text = b" ".join(zlib.decompress(stream) for stream in streams if stream[:1] == b"x").decode("latin-1")
    assert paper.startswith(b"%PDF")
    for said in (
        "Conversion after a limit hit: 4 of 7",
        "Net revenue: $164.94",
        "not identifiable",
        "source: Live",
    ):
        assert said in text


def test_the_estimate_of_too_little_data_needs_no_waiting(story):
    with reading(story) as db:
        result = retention.estimates(db, chosen(db, "90d"))

    assert [one["value"] for one in result["levels"]] == [None] * 4
