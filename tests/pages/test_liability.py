"""Liability: what is owed, how it moved, and that it adds up."""

from tests.pages.visits import visit

THEN = {"at": "2026-04-30T00:00:00+00:00", "source": "live"}


def test_owed_and_earned_are_seen_to_be_net_revenue(story):
    app = visit(story, "liability", email="viewer@example.com", **THEN)

    assert "44.48 USD + 120.46 USD = 164.94 USD" in app.success[0].value


def test_the_waterfall_runs_from_opening_to_closing(story):
    app = visit(story, "liability", email="viewer@example.com", **THEN)

    minutes = app.get("plotly_chart")[0].proto.spec
    assert all(step in minutes for step in ("opening", "sold", "used", "taken back", "closing"))
