"""Saved scenarios: never changed, versioned, duplicated, and two people at once lose nothing."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from ledger.pricing.calibration import Belief
from ledger.pricing.question import Question
from ledger.pricing.refusals import ScenarioChanged, UnknownScenario, WrongScenarioText
from ledger.pricing.scenarios import code_version, get_scenario, list_scenarios, list_versions, save_scenario
from ledger.pricing.tariff import Tariff, TariffPackage

QUESTION = Question(
    Tariff({"starter": 150, "pro": 300}, (TariffPackage("small", "Small", 60, 899),)),
    Belief(-0.8, 0.2),
    "starter",
)
SNAPSHOT = {"source": "demo", "data_to": "2026-03-01T00:00:00+00:00", "workspaces": 5, "fingerprint": "abc"}


def save(db, now, **changed):
    given = {
        "name": "Small at 8.99",
        "question": QUESTION,
        "snapshot": SNAPSHOT,
        "results": {"revenue": [1, 2, 3]},
        "seed": 7,
        "author": "pia@example.com",
        "at": now,
    }
    return save_scenario(db, **(given | changed))


def test_a_saved_scenario_is_returned_unchanged(db, now):
    saved = save(db, now, note="for the board")

    result = get_scenario(db, str(saved.scenario_id))

    assert result == saved
    assert result.question == QUESTION
    assert (result.version, result.seed, result.author, result.note) == (
        1,
        7,
        "pia@example.com",
        "for the board",
    )
    assert result.snapshot == SNAPSHOT
    assert result.code_version == code_version()


def test_an_edit_is_the_next_version_and_the_old_one_stays(db, now):
    first = save(db, now)
    second = save(db, now, parent=first, name="Small at 7.99")

    assert (second.version, second.parent_id, second.family_id) == (2, first.scenario_id, first.family_id)
    assert get_scenario(db, first.scenario_id).name == "Small at 8.99"
    assert [s.version for s in list_versions(db, first)] == [1, 2]
    assert [s.name for s in list_scenarios(db)] == ["Small at 7.99"]


def test_two_people_editing_one_version_the_second_is_warned_and_can_keep_a_copy(db, now):
    first = save(db, now)
    save(db, now, parent=first, author="pia@example.com")

    with pytest.raises(ScenarioChanged):
        save(db, now, parent=first, author="ada@example.com")
    copy = save(db, now, parent=first, author="ada@example.com", duplicate=True)

    assert (copy.version, copy.parent_id) == (1, first.scenario_id)
    assert copy.family_id != first.family_id
    assert len(list_scenarios(db)) == 2


def test_a_scenario_can_neither_be_changed_nor_deleted(db, now):
    saved = save(db, now)

    for attack in (
        "UPDATE pricing_scenarios SET name = 'x' WHERE scenario_id = :id",
        "DELETE FROM pricing_scenarios WHERE scenario_id = :id",
    ):
        with pytest.raises(ProgrammingError), db.begin_nested():
            db.execute(text(attack), {"id": saved.scenario_id})


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "a\0b"])
def test_a_scenario_without_a_proper_name_is_refused(db, now, name):
    with pytest.raises(WrongScenarioText):
        save(db, now, name=name)


@pytest.mark.parametrize("wanted", ["nonsense", "0191d4b0-0000-7000-8000-000000000000", "=cmd|' /C calc'!A0"])
def test_an_unknown_scenario_is_refused_by_name(db, wanted):
    with pytest.raises(UnknownScenario):
        get_scenario(db, wanted)
