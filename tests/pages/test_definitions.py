"""The Definitions page: every metric, found by any word."""

from ledger.metrics import METRICS
from tests.pages.visits import visit, words

THEN = {"at": "2026-04-30T00:00:00+00:00", "source": "live"}


def test_the_definitions_can_be_searched(story):
    app = visit(story, "definitions", email="viewer@example.com", find="incidence")

    assert {expander.label.split("`")[1] for expander in app.expander} == {"time-to-purchase", "incidence"}


def test_every_metric_is_there_with_its_formula_and_sql(story):
    app = visit(story, "definitions", email="viewer@example.com")

    assert len(app.expander) == len(METRICS)
    assert len(app.get("code")) == len(METRICS)
    assert "matured" not in words(app).lower() or app.title[0].value == "Definitions"
