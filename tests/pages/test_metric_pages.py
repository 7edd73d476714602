"""The metric pages, opened as staff would: with a story, with nothing, with impossible selections, with the wrong role."""

import re
from collections import Counter

import pytest

from dashboard import spreadsheet
from dashboard.clock import present
from dashboard.kit import filters
from ledger.database import reading
from ledger.metrics.whole_days import EARLIEST
from ledger.payments.sales import PurchaseFilters, list_purchases
from tests.databases import migrated_database
from tests.pages.visits import hire, labels, visit, words

PAGES = ("overview", "conversion", "packages", "purchases", "liability", "retention", "definitions")
COUNTING = tuple(page for page in PAGES if page != "definitions")
THEN = {"at": "2026-04-30T00:00:00+00:00", "source": "live"}


@pytest.fixture(scope="module")
def nothing():
    """A database in which nothing happened."""
    with migrated_database() as engine:
        hire(engine, "viewer")
        yield engine


def numbers(app):
    """Return every number of a page by its label: of tiles, and of lines in tables."""
    lines = {
        row["name"]: row["value"]
        for frame in app.dataframe
        if {"name", "value"} <= set(frame.value)
        for row in frame.value.to_dict("records")
    }
    return {metric.label: metric.value for metric in app.metric} | lines


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_for_the_product_team(story, page):
    app = visit(story, page, email="viewer@example.com", **THEN)

    assert not app.exception
    assert app.title[0].value


@pytest.mark.parametrize("page", PAGES)
def test_no_page_says_anything_to_somebody_who_is_signed_out(story, page):
    app = visit(story, page, email=None, **THEN)

    assert not app.metric
    assert not app.exception


@pytest.mark.parametrize("page", COUNTING)
def test_without_data_a_page_says_what_is_missing_and_invents_nothing(nothing, page):
    app = visit(nothing, page, email="viewer@example.com")

    assert not app.exception
    said = words(app)
    assert "nan" not in said.lower()
    assert "0.0%" not in said
    assert any(word in said for word in ("othing", "No ", "–", "not been made"))


@pytest.mark.parametrize("page", COUNTING)
@pytest.mark.parametrize(
    ("first", "last", "said"),
    [("2026-04-20", "2026-04-10", "ends before it starts"), ("2026-06-01", "2026-06-30", "hasn't started")],
)
def test_an_impossible_period_is_said(story, page, first, last, said):
    selection = {"period": "own", "from": first, "to": last}

    app = visit(story, page, email="viewer@example.com", **THEN, **selection)

    assert not app.exception
    assert said in words(app)
    assert not app.metric


@pytest.mark.parametrize("page", COUNTING)
def test_a_year_without_purchases_is_no_error(story, page):
    selection = {"period": "own", "from": "2024-01-01", "to": "2024-12-31"}

    app = visit(story, page, email="viewer@example.com", **THEN, **selection)

    assert not app.exception
    assert "nan" not in words(app).lower()


def test_the_overview_has_the_four_success_metrics_of_the_story(story):
    app = visit(story, "overview", email="viewer@example.com", **THEN)

    result = numbers(app)
    assert result["Conversion"] == "4 of 7"
    assert result["Average package"] == "210 min"
    assert result["Net revenue"] == "$165"
    assert result["Retention"] == "–"
    assert "Net revenue is **$165**; **4 of 7** workspaces that hit the limit bought" in words(app)
    assert len(app.get("plotly_chart")) == 1


def test_the_other_pages_have_the_numbers_of_the_story(story):
    result = {}
    for page in ("conversion", "packages", "liability"):
        result |= numbers(visit(story, page, email="viewer@example.com", **THEN))

    assert result["First hits only"] == "3 of 7"
    assert result["Net of refunds"] == "3 of 7"
    assert result["Per limit hit"] == "4 of 8"
    assert result["Churn-adjusted"] == "47.2%"
    assert result["Average package, net"] == "235 min"
    assert result["Net revenue per package"] == "$27.49"
    assert result["Revenue per limit hit"] == "$16.11"
    assert result["Price per minute"] == "$0.1190"
    assert result["Owed minutes"] == "1,065 min"
    assert result["Owed money"] == "$120"
    assert result["Earned money"] == "$44.48"


def test_a_tile_opens_what_is_behind_its_number_and_says_so_in_the_address(story):
    app = visit(story, "overview", email="viewer@example.com", **THEN)

    app.button(key="about_conversion").click().run()

    assert "conversion" in app.query_params["about"]
    assert "Definition version 2 · data to" in words(app)
    assert "select" in app.code[0].value.lower()


def test_an_address_names_the_rows_behind_a_number_and_says_how_each_counts(story):
    app = visit(story, "overview", email="viewer@example.com", rows="conversion", **THEN)

    assert "4 of 7 = 57.1% (2 still open)" in words(app)
    (rows,) = (frame.value for frame in app.dataframe)
    assert Counter(labels(rows, "counted")) == {"Yes": 4, "No": 3, "Still open": 2}


def test_choosing_a_tile_changes_the_chart_and_the_address_and_back_undoes_it(story):
    app = visit(story, "overview", email="viewer@example.com", **THEN)

    app.button(key="show_revenue-net").click().run()
    assert app.query_params["chart"] == "revenue-net"
    assert "Net revenue by week" in [header.value for header in app.header]

    del app.query_params["chart"]
    app.run()
    assert "Weekly conversion" in [header.value for header in app.header]


def test_the_list_of_purchases_obeys_the_filters_of_plan_and_segment(story):
    counts = {}
    for selection in ({}, {"plan": "starter"}, {"plan": "pro"}, {"segment": "annual"}):
        app = visit(story, "purchases", email="viewer@example.com", **THEN, **selection)
        counts[tuple(selection.values())] = next(
            (len(f.value) for f in app.dataframe if "purchase_id" in f.value), 0
        )

    assert counts[()] == 7
    assert counts[("starter",)] + counts[("pro",)] == 7
    assert counts[("annual",)] == 0


def test_the_list_of_whom_to_call_is_paged_and_never_cut(story, monkeypatch):
    monkeypatch.setattr("dashboard.screens.conversion.PAGE", 3)
    middle_of_march = {**THEN, "at": "2026-03-18T00:00:00+00:00"}

    app = visit(story, "conversion", email="viewer@example.com", **middle_of_march)
    more = visit(story, "conversion", email="viewer@example.com", page="2", **middle_of_march)

    assert not app.exception
    assert "4 workspaces" in words(app)
    pages = [list(each.dataframe[-1].value["workspace_id"]) for each in (app, more)]
    assert [len(page) for page in pages] == [3, 1]
    assert {*pages[0], *pages[1]} == {"W02", "W03", "W04", "W09"}


def test_an_address_with_rows_is_a_link_to_them(story):
    app = visit(story, "packages", email="viewer@example.com", rows="revenue-net", **THEN)

    assert "8 rows, sum 16494 cents" in words(app)
    table = app.dataframe[-1].value
    assert "currency" not in table
    assert all(re.fullmatch(r"[−-]?\$[0-9]+\.[0-9]{2}", value) for value in table["value"])


def test_an_address_with_nonsense_is_said_and_dropped(story):
    app = visit(story, "overview", email="viewer@example.com", rows="'; drop table", period="??", **THEN)

    assert not app.exception
    assert not app.dataframe
    assert {"rows", "period"}.isdisjoint(app.query_params)
    assert "Ignored an unknown value for period" in app.toast[0].value


def test_filters_in_the_address_are_those_of_the_page(story):
    app = visit(story, "overview", email="viewer@example.com", plan="pro", period="30d", **THEN)

    assert app.selectbox(key="filter_plan").value == "pro"
    assert app.selectbox(key="filter_period").value == "30d"
    assert app.button(key="chip_plan").label == "Pro"
    assert numbers(app)["Conversion"] == "–"


def test_a_chip_removes_its_filter_and_reset_removes_them_all(story):
    app = visit(
        story, "overview", email="viewer@example.com", plan="pro", period="30d", chart="revenue-net", **THEN
    )

    app.button(key="chip_plan").click().run()
    assert "plan" not in app.query_params
    assert app.query_params["period"] == "30d"

    app.button(key="filter_reset").click().run()
    assert "period" not in app.query_params
    assert app.query_params["chart"] == "revenue-net"


def test_the_source_is_the_modes_own_or_the_demo():
    assert filters.default_source(["demo"]) == "demo"
    assert filters.default_source(["demo", "live"]) == "sandbox"
    assert spreadsheet.number_text(3) == "3"


def test_purchases_are_listed_in_words_and_money_with_a_way_to_the_workspace(story):
    selection = {"source": "live", "period": "own", "from": "2026-01-01", "to": "2026-04-30"}
    app = visit(story, "purchases", email="support@example.com", **selection)

    listed = app.dataframe[0].value
    assert "list value" in words(app)
    assert set(listed["price"]) <= {"$9.99", "$19.99", "$34.99", "$59.99"}
    assert set(labels(listed, "status")) == {"Paid", "Refunded"}
    assert listed["workspace_id"].str.startswith("/workspace?id=").all()


def test_who_may_not_open_a_workspace_gets_no_link_that_would_be_refused(story):
    app = visit(story, "purchases", email="viewer@example.com", **THEN)

    assert not app.dataframe[0].value["workspace_id"].str.contains("/").any()


def test_another_amount_to_refund_is_typed_as_money_and_its_effect_is_said_before_the_click(story):
    with reading(story) as db:
        bought = next(
            row
            for row in list_purchases(db, PurchaseFilters(EARLIEST, present(), "live"), limit=9, offset=0)
            if row["status"] == "paid" and row["amount_cents"] == 1999
        )
    tab = {"id": bought["workspace_id"], "panel": "refund", "purchase": bought["purchase_id"]}
    app = visit(story, "workspace", email="support@example.com", **tab)

    app.radio(key=f"refund_choice_{bought['purchase_id']}").set_value("custom").run()
    app.number_input(key=f"refund_amount_{bought['purchase_id']}").set_value(5.05).run()

    assert app.button(key="refund_submit").label == "Refund $5.05"
    assert "$5.05: removes" in words(app)


def test_a_filter_shows_its_choice_also_when_the_browser_missed_the_run_that_set_it(story):
    app = visit(story, "overview", email="viewer@example.com", period="30d", plan="pro")

    app.run()

    period, plan = (app.selectbox(key=f"filter_{name}") for name in ("period", "plan"))
    assert (period.proto.set_value, period.options[period.proto.default]) == (False, "Last 30 days")
    assert (plan.proto.set_value, plan.options[plan.proto.default]) == (False, "Pro")
