"""The Definitions page: every metric, found by any word."""

from dashboard.screens.definitions import PAGES
from ledger.metrics import METRICS
from tests.pages.visits import visit, words

THEN = {"at": "2026-04-30T00:00:00+00:00", "source": "live"}


def test_the_definitions_can_be_searched(story):
    app = visit(story, "definitions", email="viewer@example.com", find="incidence")

    assert {expander.label.split("`")[1] for expander in app.expander} == {"time-to-purchase", "incidence"}


def test_what_a_card_leads_to_stands_first_and_open(story):
    app = visit(story, "definitions", email="viewer@example.com", find="conversion")

    first, *others = app.expander
    assert first.label.split("`")[1] == "conversion"
    assert first.proto.expanded
    assert others
    assert not any(other.proto.expanded for other in others)


def test_a_card_leads_to_the_definition_of_its_number(story):
    app = visit(story, "liability", email="viewer@example.com", **THEN)

    owed = app.metric[0]
    assert owed.proto.help.endswith("[Definition](/definitions?find=liability-minutes)")
    assert any("](/definitions?find=liability-minutes)" in caption.value for caption in app.caption)


def test_the_definitions_stand_in_the_order_of_the_pages(story):
    app = visit(story, "definitions", email="viewer@example.com")

    shown = [expander.label.split("`")[1] for expander in app.expander]
    assert shown == list(dict.fromkeys(slug for slugs in PAGES.values() for slug in slugs))
    assert [header.value for header in app.subheader] == list(PAGES)


def test_words_that_describe_no_metric_are_answered(story):
    app = visit(story, "definitions", email="viewer@example.com", find="zebra")

    assert not app.expander
    assert "No metric" in words(app)


def test_every_metric_is_there_with_its_formula_and_sql(story):
    app = visit(story, "definitions", email="viewer@example.com")

    assert len(app.expander) == len(METRICS)
    assert len(app.get("code")) == len(METRICS)
    assert "matured" not in words(app).lower() or app.title[0].value == "Definitions"
