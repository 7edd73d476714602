"""Designs of price tests and cohorts are stored; an ended cohort is not ended twice."""

import uuid
from datetime import timedelta

import pytest

from ledger.pricing.refusals import RehearsalEnded, WrongTest
from ledger.pricing.rehearsals import (
    begin_cohort,
    end_cohort,
    list_cohorts,
    list_designs,
    resume_cohort,
    save_design,
    take_turn,
)

PLAN = {"members": 3, "plan": {"cohort": {"members": [["acme", "small", 0.5]]}}}


def test_a_design_is_stored_as_it_was_planned(db, now):
    save_design(db, "packages-up-15", ["standard", "prices-up-15"], {"days": 42}, author="pia", at=now)

    (stored,) = list_designs(db)

    assert (stored.test, list(stored.arms), stored.design) == (
        "packages-up-15",
        ["standard", "prices-up-15"],
        {"days": 42},
    )


@pytest.mark.parametrize(
    ("name", "arms"), [("", ["a", "b"]), ("Up 15", ["a", "b"]), ("up", ["a"]), ("up", ["a", "=cmd()"])]
)
def test_a_design_that_the_catalogue_could_not_take_is_refused(db, now, name, arms):
    with pytest.raises(WrongTest):
        save_design(db, name, arms, {}, author="pia", at=now)


def test_a_cohort_begins_once_and_ends_once(db, now):
    run_id = uuid.uuid4()
    for _ in range(2):
        begin_cohort(db, run_id, {"members": 3}, author="pia", at=now)

    end_cohort(db, run_id, "canceled", {"paid": 1}, at=now)
    end_cohort(db, run_id, "finished", {"paid": 3}, at=now)

    (run,) = list_cohorts(db)
    assert (run.status, run.results, run.settings) == ("canceled", {"paid": 1}, {"members": 3})


def test_two_cohorts_together_keep_the_pace_of_one(db, now):
    first, second = uuid.uuid4(), uuid.uuid4()
    for run_id in (first, second):
        begin_cohort(db, run_id, PLAN, author="pia", at=now)

    waits = [take_turn(db, run_id, per_second=4, at=now) for run_id in (first, second, first, second)]

    assert waits == pytest.approx([0, 0.25, 0.5, 0.75])


def test_a_turn_that_nobody_took_is_not_saved_up(db, now):
    run_id = uuid.uuid4()
    begin_cohort(db, run_id, PLAN, author="pia", at=now)
    take_turn(db, run_id, per_second=4, at=now)

    later = now + timedelta(seconds=10)

    assert [take_turn(db, run_id, per_second=4, at=later) for _ in range(2)] == pytest.approx([0, 0.25])


def test_a_cohort_that_has_ended_gets_no_turn_and_does_not_go_on(db, now):
    run_id = uuid.uuid4()
    begin_cohort(db, run_id, PLAN, author="pia", at=now)
    end_cohort(db, run_id, "canceled", {}, at=now)

    assert take_turn(db, run_id, per_second=4, at=now) is None
    with pytest.raises(RehearsalEnded):
        resume_cohort(db, run_id)
    assert [run.resumable for run in list_cohorts(db)] == [False]


def test_a_cohort_of_which_nobody_knows_who_is_left_does_not_go_on(db, now):
    run_id = uuid.uuid4()
    begin_cohort(db, run_id, {"members": 3}, author="pia", at=now)

    with pytest.raises(RehearsalEnded):
        resume_cohort(db, run_id)


def test_a_broken_cohort_goes_on_with_its_plan_and_ends_anew(db, now):
    run_id = uuid.uuid4()
    begin_cohort(db, run_id, PLAN, author="pia", at=now)
    end_cohort(db, run_id, "failed", {"paid": 1}, at=now)

    resumed = resume_cohort(db, run_id)
    end_cohort(db, run_id, "finished", {"paid": 3}, at=now)

    assert (resumed.status, resumed.settings) == ("running", PLAN)
    (stored,) = list_cohorts(db)
    assert (stored.status, stored.results, stored.settings) == ("finished", {"paid": 3}, {"members": 3})
