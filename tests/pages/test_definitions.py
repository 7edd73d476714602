"""The Definitions page: every number in a list, found by any word, and what it means beside it."""

from dashboard.screens.definitions import PAGES
from ledger.metrics import METRICS
from tests.pages.visits import visit, words

THEN = {"at": "2026-04-30T00:00:00+00:00", "source": "live"}


def listed(app):
    return [
        button.key.removeprefix("define_") for button in app.button if str(button.key).startswith("define_")
    ]


def test_the_definitions_can_be_searched(story):
    app = visit(story, "definitions", email="viewer@example.com", find="median")

    assert set(listed(app)) == {
        slug
        for slug, metric in METRICS.items()
        if "median" in f"{slug} {metric.name} {metric.formula}".lower()
    }
    assert "median-package-minutes" in listed(app)


def test_the_definition_in_the_address_is_shown_and_all_others_stay_listed(story):
    app = visit(story, "definitions", email="viewer@example.com", find="refund-rate")

    assert app.header[0].value == "Fully refunded"
    assert len(listed(app)) == len(METRICS)
    assert app.code[0].value == METRICS["refund-rate"].sql


def test_a_click_in_the_list_shows_another_definition(story):
    app = visit(story, "definitions", email="viewer@example.com")
    assert app.header[0].value == "Conversion"

    app.button(key="define_arppu").click().run()

    assert app.query_params["find"] == "arppu"
    assert app.header[0].value == "Revenue per buyer"
    assert METRICS["arppu"].example in words(app)


def test_a_number_leads_to_its_definition(story):
    app = visit(story, "liability", email="viewer@example.com", about="liability-minutes", **THEN)

    assert METRICS["liability-minutes"].name in words(app)
    assert app.code[0].value == METRICS["liability-minutes"].sql


def test_the_definitions_stand_in_the_order_of_the_pages(story):
    app = visit(story, "definitions", email="viewer@example.com")

    assert listed(app) == list(dict.fromkeys(slug for slugs in PAGES.values() for slug in slugs))


def test_words_that_describe_no_metric_are_answered(story):
    app = visit(story, "definitions", email="viewer@example.com", find="zebra")

    assert not listed(app)
    assert "No metric" in words(app)


def test_every_metric_is_shown_by_its_own_name(story):
    for slug in METRICS:
        app = visit(story, "definitions", email="viewer@example.com", find=slug)

        assert app.code[0].value == METRICS[slug].sql
