"""A cohort for a rehearsal: drawn from the model, reproducible, held against what the flow did."""

import pytest

from ledger.pricing.calibration import Belief
from ledger.pricing.cohort import counted, draw_cohort
from ledger.pricing.question import Question
from ledger.pricing.refusals import NoHistory, WrongAssumption
from ledger.pricing.tariff import Tariff
from tests.ledger.pricing.test_lab import MENU, TODAY, lab_of

QUESTION = Question(TODAY, Belief(-1.0, 0.3), need_weight=0.003)


def test_members_are_blocked_workspaces_and_as_many_buy_as_the_model_expects():
    cohort = draw_cohort(lab_of(size=1500), QUESTION, 400, seed=3)

    buyers = [member for member in cohort.members if member.package]
    assert len(cohort.members) == len({member.workspace_id for member in cohort.members}) == 400
    assert len(buyers) / 400 == pytest.approx(cohort.conversion, abs=0.08)
    assert sum(cohort.mix.values()) == pytest.approx(1)
    assert cohort == draw_cohort(lab_of(size=1500), QUESTION, 400, seed=3)


def test_a_flow_that_declines_what_it_should_agrees_with_the_model_and_a_broken_one_does_not():
    cohort = draw_cohort(lab_of(size=1500), QUESTION, 300, seed=3)
    outcomes = [(m.package, "failed" if m.luck < 0.1 else "paid") for m in cohort.members if m.package]

    healthy, broken = counted(cohort, outcomes), counted(cohort, [(p, "failed") for p, _ in outcomes])

    assert healthy.paid + healthy.declined == healthy.tried == len(outcomes)
    assert abs(healthy.difference(cohort, 0.1)) < 3
    assert broken.difference(cohort, 0.1) < -3
    assert healthy.mix["small"] <= sum(member.package == "small" for member in cohort.members)


def test_a_tariff_that_blocks_nobody_has_no_cohort():
    generous = Tariff({"starter": 1_000_000, "pro": 1_000_000}, MENU)

    with pytest.raises(NoHistory):
        draw_cohort(lab_of(), Question(generous), 10, seed=1)
    with pytest.raises(WrongAssumption):
        draw_cohort(lab_of(), QUESTION, 501, seed=1)
