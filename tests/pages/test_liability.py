"""Liability: what is owed, how it moved, and that it adds up."""

from tests.pages.visits import visit

THEN = {"at": "2026-04-30T00:00:00+00:00", "source": "live"}


def test_owed_and_earned_are_seen_to_be_net_revenue(story):
    app = visit(story, "liability", email="viewer@example.com", **THEN)

    [check] = [each.value for each in app.caption if each.value.startswith(":green[")]
    assert "$44.48 + $120.46 = $164.94" in check.replace("\\", "")


def test_the_waterfall_runs_from_opening_to_closing(story):
    app = visit(story, "liability", email="viewer@example.com", **THEN)

    minutes = app.get("plotly_chart")[0].proto.spec
    assert all(step in minutes for step in ("Opening", "Sold", "Used", "Taken back", "Closing"))
