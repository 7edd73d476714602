"""What a page may be narrowed by: plans and packages that exist, and every attribute any workspace has."""

from datetime import datetime

import pytest
from sqlalchemy import Connection, text

import ledger
from dashboard.kit import narrowing
from ledger.minutes.attributes import set_attributes


def _with(db: Connection, now: datetime, **attributes: dict[str, str | int]) -> None:
    for name, known in attributes.items():
        ledger.create_workspace(db, name, name=name, owner_email="o@example.com", actor="t", at=now)
        set_attributes(db, name, known, actor="t", at=now)


def test_without_attributes_there_is_no_menu_of_one(db: Connection, now: datetime) -> None:
    _with(db, now, acme={})

    assert narrowing.of_attributes(db) == []


def test_each_attribute_has_a_menu_of_its_segments_in_their_order(db: Connection, now: datetime) -> None:
    _with(db, now, a={"seats": 12, "team_size": "big"}, b={"seats": 3}, c={})

    menus = {menu.key: (menu.label, dict(menu.names)) for menu in narrowing.of_attributes(db)}

    assert menus == {
        "attribute.seats": (
            "Seats",
            {"": "All", "2-4": "2–4", "10-19": "10–19", "none": "Not set"},
        ),
        "attribute.team_size": ("Team size", {"": "All", "big": "big", "none": "Not set"}),
    }


def test_a_segment_beyond_the_menu_may_stand_in_the_address(
    db: Connection, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    _with(db, now, a={"city": "A"}, b={"city": "B"}, c={"city": "C"})
    monkeypatch.setattr(narrowing, "MOST", 2)
    monkeypatch.setattr(narrowing, "parameter", {"attribute.city": "C"}.get)

    [menu] = narrowing.of_attributes(db)

    assert list(menu.names) == ["", "A", "B", "C", "none"]


def test_a_new_plan_is_in_the_menu_under_its_name(db: Connection) -> None:
    db.execute(text("RESET ROLE"))
    db.execute(text("INSERT INTO plans (plan, name, minutes) VALUES ('team_50', 'Team of fifty', 50)"))

    assert dict(narrowing.of_plan(db).names) == {
        "": "All plans",
        "team_50": "Team of fifty",
        "starter": "Starter",
        "pro": "Pro",
    }


def test_the_choices_of_attributes_become_filters() -> None:
    chosen = {"plan": "pro", "attribute.country": "DE", "attribute.seats": "none"}

    assert narrowing.attributes(chosen) == (("country", "DE"), ("seats", "none"))
