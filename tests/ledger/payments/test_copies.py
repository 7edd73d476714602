"""Copies on which purchases are simulated: the plan and the minutes of the original, none of its people."""

import pytest

import ledger
from ledger.errors import UnknownWorkspace
from ledger.payments.copies import copy_id, simulation_copy


@pytest.fixture
def real(db, now):
    """A live workspace with a plan and extra minutes."""
    about = {"name": "Real Ltd", "owner_email": "ceo@real.example", "actor": "test", "at": now}
    ledger.create_workspace(db, "real", source="live", **about)
    ledger.update_plan_allocation(db, "real", "pro", "monthly", key="k", actor="test", at=now)
    ledger.grant_minutes(db, "real", 25, reason="grant", key="k", actor="test", at=now)
    return "real"


def test_a_copy_has_plan_and_extra_minutes_and_the_source_of_the_simulation(db, now, real):
    twin = simulation_copy(db, real, source="sandbox", actor="test", at=now)

    balance = ledger.get_balance(db, twin.workspace_id)
    assert (twin.workspace_id, twin.source, twin.plan) == ("sim:real", "sandbox", "pro")
    assert (balance.plan_minutes, balance.extra_minutes) == (300, 25)


def test_a_copy_carries_no_personal_data(db, now, real):
    twin = simulation_copy(db, real, source="sandbox", actor="test", at=now)

    assert "Real Ltd" not in twin.name
    assert twin.owner_email == "copy@simulation.invalid"


def test_the_second_time_it_is_the_same_copy_with_what_happened_to_it(db, now, real):
    twin = simulation_copy(db, real, source="sandbox", actor="test", at=now)
    ledger.track_minutes(db, twin.workspace_id, 100, key="use", at=now)

    again = simulation_copy(db, real, source="sandbox", actor="test", at=now)

    assert again == twin
    assert ledger.get_balance(db, twin.workspace_id).total_minutes == 225


def test_a_copy_of_a_workspace_without_a_plan_has_its_extra_minutes(db, now):
    about = {"name": "Bare Ltd", "owner_email": "ceo@bare.example", "actor": "test", "at": now}
    ledger.create_workspace(db, "bare", source="live", **about)
    ledger.grant_minutes(db, "bare", 60, reason="grant", key="k", actor="test", at=now)

    simulation_copy(db, "bare", source="sandbox", actor="test", at=now)

    balance = ledger.get_balance(db, "sim:bare")
    assert (balance.plan_minutes, balance.extra_minutes) == (0, 60)


def test_a_copy_that_used_everything_is_simulated_again_as_it_is(db, now, real):
    twin = simulation_copy(db, real, source="sandbox", actor="test", at=now)
    ledger.track_minutes(db, twin.workspace_id, 325, key="all", at=now)
    ledger.grant_minutes(db, real, 7, reason="the original changes", key="more", actor="test", at=now)

    again = simulation_copy(db, real, source="sandbox", actor="test", at=now)

    assert again.workspace_id == twin.workspace_id
    assert ledger.get_balance(db, twin.workspace_id).total_minutes == 0


def test_long_ids_are_shortened_and_stay_apart():
    first, second = copy_id("a" * 63 + "1"), copy_id("a" * 63 + "2")

    assert len(first) == len(second) == 64
    assert first != second
    assert first.startswith("sim:aaa")


def test_what_does_not_exist_has_no_copy(db, now):
    with pytest.raises(UnknownWorkspace):
        simulation_copy(db, "nobody", source="sandbox", actor="test", at=now)
