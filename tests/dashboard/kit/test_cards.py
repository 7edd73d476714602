"""What a card says: the number in its unit, counts where there are few, and never more than is known."""

import re
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

import ledger
from dashboard.kit import cards, filters, report
from dashboard.kit.periods import comparison, named
from dashboard.screens import conversion, liability, overview, packages, retention
from ledger.database import reading, writing
from ledger.metrics import METRICS, Measure
from ledger.metrics.rollups import refresh_rollups
from ledger.metrics.sums import rollup_state
from ledger.payments.purchases import place_purchase
from tests import mini_ledger
from tests.mini_ledger import AS_OF
from tests.pages import visits

AT = datetime(2026, 3, 1, 14, 5, tzinfo=UTC)
SOME = Measure(
    slug="conversion", value=42.9, unit="percent", n=70, low=31.9, high=54.5, pending=4, as_of=AT, definition_version=1,
    source="live", start=AT, end=AT, numerator=30, denominator=70,
)  # fmt: skip


@pytest.mark.parametrize(
    ("value", "unit", "currency", "said"),
    [
        (42.9, "percent", None, "42.9 %"),
        (1065.0, "minutes", None, "1,065 min"),
        (210.5, "minutes", None, "210.5 min"),
        (-16494.0, "cents", "usd", "−164.94 USD"),
        (1999.0, "cents", "jpy", "1,999 JPY"),
        (11.9, "cents", "usd", "0.1190 USD"),
        (11.9, "cents", "jpy", "11.90 JPY"),
        (21.04, "days", None, "21.0 days"),
    ],
)
def test_a_number_is_said_in_its_unit(value, unit, currency, said):
    assert cards.number(value, unit, currency) == said


def test_few_cases_are_counts_and_nothing_is_a_dash():
    assert cards.shown(SOME) == "42.9 %"
    assert cards.shown(replace(SOME, n=7, numerator=3, denominator=7)) == "3 of 7"
    assert cards.shown(replace(SOME, value=None)) == "–"


def test_currencies_stand_side_by_side():
    dollars = replace(SOME, slug="revenue-net", unit="cents", currency="usd", value=1999.0)
    yen = replace(dollars, currency="jpy", value=300.0)

    assert (
        cards.shown(replace(dollars, value=None, currency=None, parts=(dollars, yen)))
        == "19.99 USD · 300 JPY"
    )


def test_the_footer_says_how_sure_how_fresh_and_by_which_definition():
    assert cards.footer(SOME) == "n 70 · 95 %: 31.9 % … 54.5 % · 4 pending · v1 · data to 01 Mar 14:05 UTC"
    assert f"· [v1](/definitions?find={SOME.slug}) ·" in cards.footer(SOME, linked=True)


@pytest.mark.parametrize(
    ("change", "of", "said", "arrow"),
    [
        (-3.2, {}, "−3.2 points", "down"),
        (0.04, {}, "+0.0 points", "off"),
        (74619.0, {"unit": "cents", "currency": "usd", "value": 2_715_940.0}, "+746.19 USD", "up"),
        (-39.0, {"unit": "cents", "currency": "usd", "value": 3067.0}, "−0.39 USD", "down"),
        (-0.3, {"unit": "cents", "currency": "usd", "value": 11.7}, "−0.0030 USD", "down"),
    ],
)
def test_a_change_is_as_exact_as_its_number_and_its_arrow_points_its_way(change, of, said, arrow):
    delta = cards._change(change, replace(SOME, **of))

    assert delta == said
    assert cards.arrow(delta) == arrow


def test_every_number_of_every_page_is_a_metric():
    named_by_pages = {
        *overview.HEADLINES, *overview.SUPPORTING, *conversion.SLUGS, *conversion.MORE, *packages.SIZE, *packages.MONEY,
        *packages.BUYERS, *packages.ARRIVAL, *liability.SLUGS,
    }  # fmt: skip
    drawn_as_charts = {*liability.MOVES, "use-by-age"}

    assert named_by_pages | drawn_as_charts == set(METRICS)


@pytest.fixture
def story(engine):
    with writing(engine) as db:
        mini_ledger.tell(db)
        refresh_rollups(db, at=AS_OF)
    visits.use(engine)
    return engine


def chosen(db, name="month"):
    period = named(name, now=AS_OF, timezone="UTC")
    return filters.Filters(
        period, comparison(period, "previous"), "live", None, None, AS_OF, rollup_state(db)
    )


def test_the_overview_asks_everything_at_once_for_a_benchmark(story):
    with reading(story) as db:
        found = overview.queries(db, source="live", today=AS_OF.date(), as_of=AS_OF)

    values = {one.slug: one.value for one in found if one.part is None and not one.parts}
    assert values["revenue-net"] is not None
    assert {*overview.HEADLINES, *overview.SUPPORTING} <= {one.slug for one in found}


def test_change_is_told_with_what_it_is_compared_with(story):
    with reading(story) as db:
        change, told = cards.compared(db, "revenue-gross", chosen(db, "30d"))
        alone = cards.compared(db, "retention-effect", chosen(db))

    assert (change, told) == (None, "")  # seven purchases: too few to compare
    assert alone == (None, "")


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
        change, told = cards.compared(db, "refund-rate", chosen(db, "7d"))
        size, _told = cards.compared(db, "average-package-minutes-net", chosen(db, "7d"))

    assert (change, size) == ("+0.0 points", "+0 min")
    assert told == "against 18 Apr 2026 – 23 Apr 2026"


def test_what_is_given_back_later_is_not_compared_where_that_would_have_to_be_counted(story, monkeypatch):
    monkeypatch.setattr("ledger.metrics.fits.PAYMENTS_AT_ONCE", 0)
    with reading(story) as db:
        assert cards.compared(db, "refund-rate", chosen(db, "30d")) == (None, "")


def test_an_interval_over_few_is_said_to_be_rough():
    few = replace(SOME, slug="average-package-minutes", unit="minutes", n=7, low=120.0, high=407.0)

    assert "fewer than 10: rough, right in about 85 of 100 cases" in cards.footer(few)
    assert "rough" not in cards.footer(replace(few, n=10))


def test_an_interval_may_have_no_end():
    half = replace(SOME, slug="time-to-purchase", unit="days", value=21.0, low=2.0, high=None)

    assert "95 %: 2.0 days … not reached" in cards.footer(half)


def test_the_printed_overview_has_the_numbers_of_the_screen(story):
    with reading(story) as db:
        asked = chosen(db, "90d")

    paper = report.overview_pdf(asked, (*overview.HEADLINES, *overview.SUPPORTING))

    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", paper, re.DOTALL)
    text = b" ".join(zlib.decompress(stream) for stream in streams if stream[:1] == b"x").decode("latin-1")
    assert paper.startswith(b"%PDF")
    for said in (
        "Conversion after a limit hit: 4 of 7",
        "Net revenue: 164.94 USD",
        "not identifiable",
        "source: Live",
    ):
        assert said in text


def test_the_ladder_of_too_little_data_is_found_without_waiting(story):
    with reading(story) as db:
        result = retention.found(db, chosen(db, "90d"))

    assert [rung["value"] for rung in result["rungs"]] == [None] * 4
