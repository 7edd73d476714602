"""Attributes of workspaces: any key, one value each, removed by None, and never the name of something else."""

from datetime import timedelta

import pytest
from sqlalchemy import text

import ledger
from ledger.errors import InvalidAttribute, UnknownAttribute, UnknownWorkspace
from ledger.metrics.rows import COLUMNS, PARTS
from ledger.minutes.attributes import (
    KEYS_AT_MOST,
    RESERVED,
    attribute_keys,
    get_attributes,
    list_segments,
    require_attributes,
    segment_of,
    set_attributes,
)


@pytest.fixture
def two(db, now):
    """Two workspaces."""
    for name in ("acme", "other"):
        ledger.create_workspace(db, name, name=name, owner_email="o@example.com", actor="t", at=now)
    return db


def test_what_is_set_is_there_and_what_is_not_named_stays(two, now):
    set_attributes(two, "other", {"seats": 3}, actor="t", at=now)

    set_attributes(two, "acme", {"seats": 12, "country": " DE "}, actor="t", at=now)
    after = set_attributes(two, "acme", {"channel": "partner", "country": None}, actor="t", at=now)

    assert after == get_attributes(two, "acme") == {"channel": "partner", "seats": 12}
    assert get_attributes(two, "other") == {"seats": 3}


def test_the_same_value_again_keeps_who_set_it_and_when(two, now):
    set_attributes(two, "acme", {"seats": 12, "country": "DE"}, actor="first", at=now)

    set_attributes(two, "acme", {"seats": 12, "country": "FR"}, actor="second", at=now + timedelta(days=1))

    result = two.execute(text("SELECT key, value, set_by FROM workspace_attributes ORDER BY key")).all()
    assert [tuple(row) for row in result] == [("country", "FR", "second"), ("seats", "12", "first")]


def test_a_text_of_digits_is_no_number(two, now):
    set_attributes(two, "acme", {"code": "007", "seats": 7.0, "share": 0.25}, actor="t", at=now)

    assert get_attributes(two, "acme") == {"code": "007", "seats": 7, "share": 0.25}


@pytest.mark.parametrize("key", ["", "Seats", "1st", "a-b", "a" * 41, "plan", "month", 7])
def test_a_key_of_another_shape_or_name_is_refused(two, now, key):
    with pytest.raises(InvalidAttribute):
        set_attributes(two, "acme", {key: "x"}, actor="t", at=now)

    assert get_attributes(two, "acme") == {}


@pytest.mark.parametrize(
    "value", ["", "  ", "x" * 201, "a\x00b", True, 10**15, float("nan"), float("inf"), [1]]
)
def test_a_value_that_cannot_be_stored_is_refused(two, now, value):
    with pytest.raises(InvalidAttribute):
        set_attributes(two, "acme", {"country": value}, actor="t", at=now)

    assert get_attributes(two, "acme") == {}


def test_the_longest_key_and_value_are_stored(two, now):
    longest = {"a" * 40: "x" * 200, "large": 10**15 - 1, "small": -(10**15) + 1}

    assert set_attributes(two, "acme", longest, actor="t", at=now) == longest


def test_an_installation_has_a_limited_number_of_keys(two, now):
    set_attributes(two, "acme", {f"k{n}": n for n in range(KEYS_AT_MOST)}, actor="t", at=now)

    set_attributes(two, "other", {"k0": 1}, actor="t", at=now)
    with pytest.raises(InvalidAttribute, match="at most 50"):
        set_attributes(two, "other", {"one_more": 1}, actor="t", at=now)

    assert get_attributes(two, "other") == {"k0": 1}


def test_an_unknown_workspace_has_none(two, now):
    with pytest.raises(UnknownWorkspace):
        set_attributes(two, "nobody", {"seats": 1}, actor="t", at=now)


def test_keys_and_segments_are_listed_once_in_their_natural_order(two, now):
    set_attributes(two, "acme", {"seats": 12, "country": "DE"}, actor="t", at=now)
    set_attributes(two, "other", {"seats": 3, "country": "DE"}, actor="t", at=now)

    assert attribute_keys(two) == ["country", "seats"]
    assert list_segments(two) == {"country": ["DE"], "seats": ["2-4", "10-19"]}
    assert list_segments(two, limit=1) == {"country": ["DE"], "seats": ["10-19"]}


def test_of_a_key_with_many_segments_the_first_ones_are_listed_and_then_the_next_key(two, now):
    for number in range(4):
        ledger.create_workspace(two, f"w{number}", name="w", owner_email="o@example.com", actor="t", at=now)
        set_attributes(two, f"w{number}", {"city": f"city {number}", "zone": "east"}, actor="t", at=now)

    assert list_segments(two, limit=3) == {"city": ["city 0", "city 1", "city 2"], "zone": ["east"]}
    assert list_segments(two, limit=4)["city"] == ["city 0", "city 1", "city 2", "city 3"]


def test_a_key_that_no_workspace_has_is_refused_by_name(two, now):
    set_attributes(two, "acme", {"country": "DE"}, actor="t", at=now)

    require_attributes(two, ["country"])
    with pytest.raises(UnknownAttribute, match=r"'mood'; known: country"):
        require_attributes(two, ["country", "mood"])


@pytest.mark.parametrize(
    ("value", "segment"),
    [(-1, "below 0"), (0, "0"), (0.5, "0-1"), (1, "1"), (2, "2-4"), (4, "2-4"), (5, "5-9"), (9, "5-9"), (10, "10-19"),
     (19, "10-19"), (20, "20-49"), (50, "50-99"), (99, "50-99"), (100, "100-199"), (1_000, "1000-1999"), ("DE", "DE")],
)  # fmt: skip
def test_a_number_counts_under_its_band_and_a_text_under_itself(value, segment):
    assert segment_of(value) == segment


def test_no_attribute_hides_a_dimension_or_a_column_of_rows():
    assert {*PARTS, *COLUMNS} <= RESERVED
