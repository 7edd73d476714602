"""Annotations are stored once, drawn in their period, and can be withdrawn."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from ledger.errors import InvalidText, UnknownMetric
from ledger.metrics.annotations import (
    annotate,
    goal_and_annotations,
    goal_of,
    list_annotations,
    set_goal,
    withdraw_annotation,
)

DAY = datetime(2026, 3, 10, tzinfo=UTC)
AROUND = {"start": DAY - timedelta(days=5), "end": DAY + timedelta(days=5)}


def test_an_annotation_is_stored_once_however_often_it_is_sent(db):
    annotation_id = uuid4()
    for _ in range(2):
        annotate(db, annotation_id, "Warnings launched", kind="launch", happened_at=DAY, actor="ada")

    (result,) = list_annotations(db, **AROUND)

    assert (result.text, result.kind, result.created_by, result.at) == (
        "Warnings launched",
        "launch",
        "ada",
        DAY,
    )


def test_an_annotation_of_one_metric_is_not_drawn_on_another(db):
    annotate(db, uuid4(), "New window", kind="definition", happened_at=DAY, actor="ada", metric="conversion")

    assert len(list_annotations(db, **AROUND, metric="conversion")) == 1
    assert list_annotations(db, **AROUND, metric="revenue-net") == []
    assert list_annotations(db, start=DAY + timedelta(days=1), end=DAY + timedelta(days=2)) == []


def test_an_annotation_that_its_author_withdrew_is_drawn_no_longer(db, now):
    annotation_id = uuid4()
    annotate(db, annotation_id, "Mistake", kind="note", happened_at=DAY, actor="ada")

    others = withdraw_annotation(db, annotation_id, author="bob", at=now)
    still_there = len(list_annotations(db, **AROUND))
    own = withdraw_annotation(db, annotation_id, author="ada", at=now)

    assert (others, still_there, own) == (False, 1, True)
    assert list_annotations(db, **AROUND) == []
    assert not withdraw_annotation(db, annotation_id, author=None, at=now)


@pytest.mark.parametrize(
    ("currency", "price"), [("usd", "10.99 USD"), ("jpy", "1,099 JPY"), ("kwd", "1.099 KWD")]
)
def test_a_price_change_annotates_itself(db, currency, price):
    db.execute(
        text(
            "INSERT INTO extra_minutes_packages (code, version, arm, name, minutes, amount_cents, currency, "
            "valid_from, created_by) VALUES ('small', 2, 'standard', 'Small', 60, 1099, :currency, :day, 'pia')"
        ),
        {"day": DAY, "currency": currency},
    )

    (result,) = list_annotations(db, **AROUND)

    assert (result.kind, result.text) == ("price", f"Small {price}")


def test_an_annotation_says_something_about_a_metric_that_exists(db):
    with pytest.raises(InvalidText):
        annotate(db, uuid4(), "  ", kind="note", happened_at=DAY, actor="ada")
    with pytest.raises(UnknownMetric):
        annotate(db, uuid4(), "x", kind="note", happened_at=DAY, actor="ada", metric="happiness")


def test_a_goal_holds_for_one_source_until_it_is_changed_or_removed(db, now):
    set_goal(db, "conversion", 40, source="live", actor="ada", at=now)
    set_goal(db, "conversion", 45.5, source="live", actor="ada", at=now)
    before = (goal_of(db, "conversion", source="live"), goal_of(db, "conversion", source="demo"))

    set_goal(db, "conversion", None, source="live", actor="ada", at=now)

    assert before == (45.5, None)
    assert goal_of(db, "conversion", source="live") is None


def test_a_chart_shows_the_goal_of_its_source_and_what_happened_beside_each_other(db, now):
    annotate(db, uuid4(), "Autumn campaign", kind="note", happened_at=DAY, actor="ada")
    set_goal(db, "conversion", 45.5, source="live", actor="ada", at=now)

    live = goal_and_annotations(db, "conversion", source="live", **AROUND)
    demo = goal_and_annotations(db, "conversion", source="demo", **AROUND)

    assert (live[0], demo[0]) == (45.5, None)
    assert [one.text for one in live[1]] == [one.text for one in demo[1]] == ["Autumn campaign"]
    assert list_annotations(db, **AROUND) == live[1]
