"""The metric pages, opened as staff would: with a story, with nothing, with impossible wishes, with the wrong role."""

import pytest

from dashboard.clock import present
from dashboard.kit import filters, spreadsheet
from ledger.database import reading
from ledger.metrics.rows import EARLIEST
from ledger.payments.sales import PurchaseFilters, list_purchases
from tests.databases import migrated_database
from tests.pages.visits import hire, visit, words

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
    return {metric.label: metric.value for metric in app.metric}


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
    assert "0.0 %" not in said
    assert any(word in said for word in ("nothing", "No ", "–", "not been made"))


@pytest.mark.parametrize("page", COUNTING)
@pytest.mark.parametrize(
    ("first", "last", "said"),
    [("2026-04-20", "2026-04-10", "ends before it starts"), ("2026-06-01", "2026-06-30", "has not begun")],
)
def test_an_impossible_period_is_said(story, page, first, last, said):
    wish = {"period": "own", "from": first, "to": last}

    app = visit(story, page, email="viewer@example.com", **THEN, **wish)

    assert not app.exception
    assert said in words(app)
    assert not app.metric


@pytest.mark.parametrize("page", COUNTING)
def test_a_year_without_purchases_is_no_error(story, page):
    wish = {"period": "own", "from": "2024-01-01", "to": "2024-12-31"}

    app = visit(story, page, email="viewer@example.com", **THEN, **wish)

    assert not app.exception
    assert "nan" not in words(app).lower()


def test_the_overview_has_the_four_success_metrics_of_the_story(story):
    app = visit(story, "overview", email="viewer@example.com", **THEN)

    found = numbers(app)
    assert found["Conversion after a limit hit"] == "4 of 7"
    assert found["Average package size"] == "210 min"
    assert found["Net revenue"] == "164.94 USD"
    assert found["Effect of buying on staying"] == "–"
    assert "not identifiable from the present data" in words(app)
    assert "95 %: 25.0 % … 84.2 % · 2 pending" in words(app)
    assert len(app.get("plotly_chart")) == 2


def test_the_other_pages_have_the_numbers_of_the_story(story):
    found = {}
    for page in ("conversion", "packages", "liability"):
        found |= numbers(visit(story, page, email="viewer@example.com", **THEN))

    assert found["Conversion at the first limit hit"] == "3 of 7"
    assert found["Conversion net of full refunds"] == "3 of 7"
    assert found["Conversion per limit hit"] == "4 of 8"
    assert found["Bought by day 14 after a limit hit, with leaving as a rival"] == "47.2 %"
    assert found["Average package size, full refunds left out"] == "235 min"
    assert found["Average revenue per package, net"] == "27.49 USD"
    assert found["Net revenue per workspace that reached the limit"] == "16.11 USD"
    assert found["Price per minute"] == "0.1190 USD"
    assert found["Prepaid minutes still owed"] == "1,065 min"
    assert found["Prepaid money still owed"] == "120.46 USD"
    assert found["Prepaid money earned"] == "44.48 USD"


def test_a_click_on_rows_opens_the_rows_and_says_so_in_the_address(story):
    app = visit(story, "overview", email="viewer@example.com", **THEN)

    app.button(key="rows_of_conversion").click().run()

    assert "conversion" in app.query_params["rows"]
    assert "9 rows · control sum 4 · weight 7 · 2 pending" in words(app)
    assert len(app.dataframe[0].value) == 9


def test_the_list_of_purchases_obeys_the_filters_of_plan_and_segment(story):
    counts = {}
    for wish in ({}, {"plan": "starter"}, {"plan": "pro"}, {"segment": "annual"}):
        app = visit(story, "purchases", email="viewer@example.com", **THEN, **wish)
        counts[tuple(wish.values())] = len(app.dataframe[0].value) if app.dataframe else 0

    assert counts[()] == 7
    assert counts[("starter",)] + counts[("pro",)] == 7
    assert counts[("annual",)] == 0


def test_whom_to_call_is_told_in_pages_and_never_cut(story, monkeypatch):
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

    assert "8 rows · control sum 16494" in words(app)


def test_an_address_with_nonsense_is_read_as_none(story):
    app = visit(story, "overview", email="viewer@example.com", rows="'; drop table", period="??", **THEN)

    assert not app.exception
    assert not app.dataframe


def test_filters_in_the_address_are_those_of_the_page(story):
    app = visit(story, "overview", email="viewer@example.com", plan="pro", period="30d", **THEN)

    assert app.selectbox(key="filter_plan").value == "pro"
    assert app.selectbox(key="filter_period").value == "30d"
    assert numbers(app)["Conversion after a limit hit"] == "–"


def test_the_source_is_the_modes_own_or_the_demo():
    assert filters.default_source(["demo"]) == "demo"
    assert filters.default_source(["demo", "live"]) == "sandbox"
    assert spreadsheet.number_text(3) == "3"


def test_purchases_are_listed_in_words_and_money_with_a_way_to_the_workspace(story):
    wish = {"source": "live", "period": "own", "from": "2026-01-01", "to": "2026-04-30"}
    app = visit(story, "purchases", email="support@example.com", **wish)

    listed = app.dataframe[0].value
    assert "prices add up to" in words(app)
    assert set(listed["price"]) <= {"9.99 USD", "19.99 USD", "34.99 USD", "59.99 USD"}
    assert set(listed["status"]) == {"paid", "refunded"}
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
    tab = {"id": bought["workspace_id"], "tab": "purchases", "purchase": bought["purchase_id"]}
    app = visit(story, "workspace", email="support@example.com", **tab)

    app.radio[0].set_value("asked").run()
    app.number_input(key=f"refund_amount_{bought['purchase_id']}").set_value(5.05).run()

    assert app.button(key="refund_submit").label == "Refund 5.05 USD"
    assert "5.05 USD: takes" in words(app)


def test_a_filter_shows_its_choice_also_when_the_browser_missed_the_run_that_set_it(story):
    app = visit(story, "overview", email="viewer@example.com", period="30d", plan="pro")

    app.run()

    period, plan = (app.selectbox(key=f"filter_{name}") for name in ("period", "plan"))
    assert (period.proto.set_value, period.options[period.proto.default]) == (False, "Last 30 days")
    assert (plan.proto.set_value, plan.options[plan.proto.default]) == (False, "Pro")
