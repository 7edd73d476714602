"""Designs of price tests and cohorts are kept; an ended cohort is not ended twice."""

import uuid

import pytest

from ledger.pricing.refusals import WrongTest
from ledger.rehearsals import begin_cohort, end_cohort, list_cohorts, list_designs, save_design


def test_a_design_is_kept_as_it_was_planned(db, now):
    save_design(db, "packages-up-15", ["standard", "prices-up-15"], {"days": 42}, author="pia", at=now)

    (kept,) = list_designs(db)

    assert (kept.test, list(kept.arms), kept.design) == (
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
