"""Metric pages narrowed and divided by what is known of workspaces, through the address and chips."""

import pytest

from ledger.database import writing
from ledger.minutes.attributes import set_attributes
from tests import mini_ledger
from tests.pages.test_metric_pages import COUNTING, PAGES, THEN, numbers
from tests.pages.visits import hire, visit, words


@pytest.fixture(scope="module")
def segmented():
    """The ten workspaces: W01 and W02 come from a partner, the odd ones are German; all but W10 have seats."""
    with mini_ledger.rolled_up() as engine:
        hire(engine, "viewer")
        with writing(engine) as db:
            for number in range(1, 11):
                known = {"country": "DE"} if number % 2 else {}
                known |= {"channel": "Partner"} if number <= 2 else {}
                known |= {"seats": number} if number < 10 else {}
                set_attributes(db, f"W{number:02}", known, actor="t", at=mini_ledger.AS_OF)
        yield engine


@pytest.mark.parametrize("page", PAGES)
def test_every_page_is_narrowed_by_any_attribute_through_chips_in_its_address(segmented, page):
    selection = {"attribute.country": "DE", "attribute.channel": "Partner"}

    app = visit(segmented, page, email="viewer@example.com", **THEN, **selection)

    assert not app.exception
    if page in COUNTING:
        assert app.button(key="chip_attribute.country").label == "Country: DE"
        app.button(key="chip_attribute.country").click().run()
        assert "attribute.country" not in app.query_params
        assert app.query_params["attribute.channel"] == "Partner"
        app.button(key="filter_reset").click().run()
        assert "attribute.channel" not in app.query_params


def test_an_attribute_moves_every_number_of_a_page_and_its_rows(segmented):
    """Of W01, W03, W05 and W09 all but W03 bought in time; W07 hit the limit too late to count."""
    everybody = numbers(visit(segmented, "overview", email="viewer@example.com", **THEN))
    german = visit(segmented, "overview", email="viewer@example.com", **THEN, **{"attribute.country": "DE"})
    partner = visit(
        segmented, "overview", email="viewer@example.com", **THEN, **{"attribute.channel": "Partner"}
    )
    bought = visit(
        segmented, "purchases", email="viewer@example.com", **THEN, **{"attribute.channel": "Partner"}
    )

    assert everybody["Conversion"] == "4 of 7"
    assert numbers(german)["Conversion"] == "3 of 4"
    assert numbers(partner)["Conversion"] == "2 of 2"
    assert numbers(partner)["Net revenue"] == "$29.98"
    assert "**2 purchases**" in words(bought)


@pytest.mark.parametrize(
    ("selection", "said"),
    [
        ({"attribute.country": "Atlantis"}, "country: Atlantis"),
        ({"attribute.mood": "good"}, "the attribute mood: good"),
        ({"plan": "gold"}, "plan: gold"),
        ({"segment": "weekly"}, "billing cycle: weekly"),
    ],
)
def test_a_filter_that_means_nothing_is_named_and_dropped(segmented, selection, said):
    app = visit(segmented, "overview", email="viewer@example.com", **THEN, **selection)

    assert not app.exception
    assert any(said in toast.value for toast in app.toast)
    assert next(iter(selection)) not in app.query_params
    assert numbers(app)["Conversion"] == "4 of 7"


def test_a_menu_offers_the_segments_in_their_order_and_those_without(segmented):
    app = visit(segmented, "overview", email="viewer@example.com", **THEN)

    [seats] = [box for box in app.selectbox if box.label == "Seats"]
    assert seats.options == ["All", "1", "2–4", "5–9", "Not set"]


def test_conversion_is_divided_by_an_attribute(segmented):
    app = visit(segmented, "conversion", email="viewer@example.com", **THEN, by="channel")

    [table] = [table for table in app.dataframe if '"Channel"' in table.proto.columns]
    assert table.value["name"].tolist() == ["Partner", "Not set"]
    assert table.value["value"].tolist() == ["2 of 2", "2 of 5"]
