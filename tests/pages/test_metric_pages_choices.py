"""What a click on a metric page chooses: the metric of the chart, a week, a group of purchases."""

from datetime import date

import pytest

from dashboard import url
from dashboard.kit import states
from dashboard.kit.periods import Period
from dashboard.panels import main_chart
from dashboard.screens import purchases
from tests.pages.visits import labels, visit, words

THEN = {"at": "2026-04-30T00:00:00+00:00", "source": "live"}


@pytest.mark.parametrize(
    ("page", "default", "other"),
    [
        ("overview", "conversion", "revenue-net"),
        ("conversion", "conversion", "revenue-per-hitter"),
        ("packages", "revenue-net", "average-package-minutes"),
    ],
)
def test_a_tile_changes_the_chart_of_its_page_and_the_first_one_is_no_parameter(story, page, default, other):
    app = visit(story, page, email="viewer@example.com", **THEN)
    first = [one.value for one in app.header]

    app.button(key=f"show_{other}").click().run()
    assert app.query_params["chart"] == other
    second = [one.value for one in app.header]
    app.button(key=f"show_{default}").click().run()

    assert not app.exception
    assert len(second) == len(first)
    assert second != first
    assert "chart" not in app.query_params
    assert [one.value for one in app.header] == first


def test_what_is_owed_is_charted_in_minutes_or_in_money_by_its_tile(story):
    app = visit(story, "liability", email="viewer@example.com", **THEN)

    app.button(key="show_liability-money").click().run()
    assert app.query_params["unit"] == "money"
    app.button(key="show_liability-minutes").click().run()

    assert not app.exception
    assert "unit" not in app.query_params


@pytest.mark.parametrize(
    ("clicked", "first", "last"),
    [
        ("2026-02-16", "2026-02-16", "2026-02-22"),
        ("2026-02-09 00:00:00", "2026-02-10", "2026-02-15"),
        ("2026-03-02", "2026-03-02", "2026-03-04"),
    ],
)
def test_a_click_on_a_week_narrows_the_page_to_its_days_and_never_beyond_the_period(
    monkeypatch, clicked, first, last
):
    written = {}
    monkeypatch.setattr(url, "replace_parameters", lambda **values: written.update(values))
    period = Period(date(2026, 2, 10), date(2026, 3, 5), date(2026, 4, 1), "UTC")

    main_chart.narrow(period, "week", clicked)

    assert written == {"period": "own", "from": first, "to": last}


def test_purchases_are_grouped_by_what_became_of_them_and_a_group_is_a_choice(story):
    selection = {"source": "live", "period": "own", "from": "2026-01-01", "to": "2026-04-30"}
    app = visit(story, "purchases", email="viewer@example.com", **selection)
    counts = {metric.label: int(metric.value) for metric in app.metric}
    assert counts["All"] == sum(count for name, count in counts.items() if name != "All")

    app.button(key="show_refunded").click().run()

    assert app.query_params["state"] == ["partially_refunded", "refunded"]
    assert set(labels(app.dataframe[0].value, "status")) == {"Refunded"}
    assert len(app.dataframe[0].value) == counts["Refunded"]
    assert {metric.label: int(metric.value) for metric in app.metric} == counts
    app.button(key="show_all").click().run()
    assert "state" not in app.query_params


def test_every_state_of_a_purchase_is_in_one_group():
    grouped = [state for members in purchases.GROUPS.values() for state in members]

    assert sorted(grouped) == sorted(states.PURCHASES)


def test_only_who_may_see_names_gets_them_in_the_list_of_whom_to_call(story):
    seen, hidden = (
        visit(story, "conversion", email=f"{role}@example.com", **THEN) for role in ("support", "viewer")
    )

    waiting = [
        [set(frame.value) for frame in app.dataframe if "billing_cycle" in frame.value]
        for app in (seen, hidden)
    ]
    assert [names >= {"name", "owner_email"} for names in waiting[0]] == [True]
    assert [names & {"name", "owner_email"} for names in waiting[1]] == [set()]


def test_the_rows_of_a_share_begin_with_those_that_count_and_are_chosen_by_how_they_do(story):
    app = visit(story, "overview", email="viewer@example.com", rows="conversion", **THEN)
    (shown,) = (frame.value for frame in app.dataframe)
    counted = labels(shown, "counted")
    assert counted == [*(one for one in counted if one != "Still open"), "Still open", "Still open"]

    app.button_group(key="counted_pills").set_value("yes").run()

    (chosen,) = (frame.value for frame in app.dataframe)
    assert app.query_params["counted"] == "yes"
    assert labels(chosen, "counted") == ["Yes"] * 4


def test_only_who_may_see_names_gets_them_in_the_rows_behind_a_number(story):
    for role, named in (("support", True), ("viewer", False)):
        app = visit(story, "overview", email=f"{role}@example.com", rows="conversion", **THEN)

        (shown,) = (frame.value for frame in app.dataframe)
        assert ("name" in shown) is named


@pytest.mark.parametrize("page", ["overview", "conversion", "packages", "purchases", "liability"])
def test_a_week_is_charted_by_day_and_breaks_no_page(story, page):
    app = visit(story, page, email="viewer@example.com", period="7d", **THEN)

    assert not app.exception
    said = words(app)
    assert "nan" not in said.lower()
    if page == "overview":
        assert "Daily conversion" in said


COMPARED = [
    {"compare": "previous"},
    {"compare": "year"},
    {"period": "365d", "compare": "previous"},
    {"period": "month", "compare": "year"},
    {"period": "own", "from": "2026-02-01", "to": "2026-04-29"},
]
"""Each is compared with days before 1 February 2026, on which the company began."""


@pytest.mark.parametrize("page", ["overview", "conversion", "packages", "liability"])
@pytest.mark.parametrize("compared", COMPARED)
def test_days_before_the_company_existed_are_nothing_to_compare_with(story, page, compared):
    app = visit(story, page, email="viewer@example.com", **THEN, **compared)

    assert not app.exception
    assert [metric.label for metric in app.metric if metric.delta] == []
    changes = [change for frame in app.dataframe for change in frame.value.get("change", ())]
    assert [change for change in changes if change] == []


def test_what_is_owed_is_compared_with_a_day_after_the_first_sale(story):
    app = visit(story, "liability", email="viewer@example.com", **THEN, period="month", compare="previous")

    deltas = {metric.label: metric.delta for metric in app.metric if metric.delta}
    assert set(deltas) == {"Owed minutes", "Owed money"}
    assert "new" not in deltas.values()
