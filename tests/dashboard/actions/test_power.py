"""One person never passes the second person alone: not by higher limits, not by a second account."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine, text

from dashboard import actions
from dashboard.access import Operator
from ledger.database import reading
from ledger.desk import staff
from ledger.errors import SecondPersonNeeded
from tests.pages import visits

ADA = Operator("ada@example.com", "Ada", "admin", "demo")
BEN = Operator("ben@example.com", "Ben", "admin", "demo")


@pytest.fixture
def company(engine: Engine) -> Engine:
    visits.use(engine)
    return engine


def limits(engine: Engine) -> dict[str, staff.Limits]:
    with reading(engine) as db:
        return staff.limits(db)


def people(engine: Engine) -> dict[str, str]:
    with reading(engine) as db:
        return {row.email: row.role for row in staff.list_staff(db) if row.disabled_at is None}


@pytest.mark.parametrize(
    "name", ["minutes_per_grant", "minutes_per_day", "cents_per_refund", "cents_per_day"]
)
def test_any_higher_limit_needs_a_second_person(company: Engine, name: str) -> None:
    before = limits(company)
    higher = replace(before["admin"], **{name: getattr(before["admin"], name) + 1})

    request = actions.set_limits(ADA, higher, key="up")
    again = actions.set_limits(ADA, higher, key="up")
    unchanged = limits(company)
    with pytest.raises(SecondPersonNeeded):
        actions.decide(ADA, request.waits_for, accepted=True)
    actions.decide(BEN, request.waits_for, accepted=True)

    assert unchanged == before
    assert again.repeated
    assert limits(company) == before | {"admin": higher}


def test_lower_and_equal_limits_hold_at_once(company: Engine) -> None:
    before = limits(company)
    lower = replace(before["admin"], minutes_per_grant=before["admin"].minutes_per_grant - 1)

    assert actions.set_limits(ADA, before["support"], key="same").waits_for is None
    assert actions.set_limits(ADA, lower, key="down").waits_for is None

    assert limits(company) == before | {"admin": lower}


@pytest.mark.parametrize("role", ["admin", "support"])
def test_a_second_account_of_ones_own_needs_a_second_person(company: Engine, role: str) -> None:
    request = actions.add_staff(ADA, "Ada.Second@Example.com", role=role, key="second")
    before = people(company)
    with pytest.raises(SecondPersonNeeded):
        actions.decide(ADA, request.waits_for, accepted=True)
    actions.decide(BEN, request.waits_for, accepted=True)

    assert before == {}
    assert people(company) == {"ada.second@example.com": role}


def test_a_rejected_change_of_power_changes_nothing(company: Engine) -> None:
    before = limits(company)
    request = actions.set_limits(ADA, replace(before["support"], minutes_per_day=10**6), key="up")

    actions.decide(BEN, request.waits_for, accepted=False, reason="no")

    assert limits(company) == before


@pytest.mark.parametrize("role", ["viewer", "pricing"])
def test_people_who_can_neither_ask_nor_decide_are_added_at_once(company: Engine, role: str) -> None:
    actions.add_staff(ADA, "vic@example.com", role=role, key="vic")

    assert people(company) == {"vic@example.com": role}


def test_each_step_is_one_line_of_the_audit_log(company: Engine) -> None:
    request = actions.add_staff(ADA, "new@example.com", role="admin", key="new")
    actions.decide(BEN, request.waits_for, accepted=True)

    with reading(company) as db:
        lines = db.execute(text("SELECT actor, action, subject FROM audit ORDER BY audit_no")).all()
    assert [tuple(line) for line in lines] == [
        ("ada@example.com", "ask_staff", "new@example.com"),
        ("ben@example.com", "approve_staff", "new@example.com"),
    ]
