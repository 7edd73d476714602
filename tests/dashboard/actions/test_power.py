"""One person never passes the second person alone: not by higher limits, not by a second account."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from dashboard import actions
from dashboard.access import LOCAL_ADMINISTRATOR, Operator
from dashboard.clock import present
from ledger.database import reading, writing
from ledger.desk import keys, staff
from ledger.errors import SecondPersonNeeded
from ledger.notify import list_endpoints
from tests.pages import visits
from tests.receiver import opens, receiving, sends, uses

ADA = Operator("ada@example.com", "Ada", "admin", "demo")
BEN = Operator("ben@example.com", "Ben", "admin", "demo")
NOW = datetime(2026, 3, 1, tzinfo=UTC)


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


def key_states(engine: Engine) -> list[str]:
    with reading(engine) as db:
        return [each.state_at(present()) for each in keys.list_keys(db)]


@pytest.mark.parametrize("scope", [each for each in keys.SCOPES if each.endswith(":write")])
def test_a_key_that_writes_opens_nothing_before_a_second_person_approves_it(
    company: Engine, scope: str
) -> None:
    request = actions.create_key(ADA, "importer", ["balance:read", scope], key="k")
    again = actions.create_key(ADA, "importer", ["balance:read", scope], key="k")
    before = key_states(company)
    with pytest.raises(SecondPersonNeeded):
        actions.decide(ADA, request.waits_for, accepted=True)
    waiting = key_states(company)
    actions.decide(BEN, request.waits_for, accepted=True)

    assert request.details["secret"].startswith("minutes_")
    assert again.repeated
    assert (before, waiting, key_states(company)) == (["waiting"], ["waiting"], ["active"])


def test_a_key_that_only_reads_works_at_once(company: Engine) -> None:
    scopes = [each for each in keys.SCOPES if not each.endswith(":write")]

    assert actions.create_key(ADA, "report", scopes, key="k").waits_for is None
    assert key_states(company) == ["active"]


def test_a_rejected_key_never_works(company: Engine) -> None:
    request = actions.create_key(ADA, "importer", ["workspaces:write"], key="k")

    actions.decide(BEN, request.waits_for, accepted=False, reason="no")

    assert key_states(company) == ["revoked"]


def test_an_approval_after_the_key_was_revoked_brings_it_not_back(company: Engine) -> None:
    request = actions.create_key(ADA, "importer", ["workspaces:write"], key="k")
    with reading(company) as db:
        (waiting,) = keys.list_keys(db)
    actions.revoke_key(ADA, waiting.key_id, key="r")

    assert "revoked meanwhile" in actions.decide(BEN, request.waits_for, accepted=True).sentence
    assert key_states(company) == ["revoked"]


def test_the_database_itself_refuses_an_approval_by_whoever_made_the_key(company: Engine) -> None:
    request = actions.create_key(ADA, "importer", ["workspaces:write"], key="k")

    with writing(company) as db, pytest.raises(IntegrityError, match="api_keys_need_a_second_person"):
        keys.approve_key(db, request.waits_for, actor=ADA.actor)


def test_a_webhook_address_gets_nothing_before_a_second_person_approves_it(company: Engine) -> None:
    opens(company, NOW, "acme", "other")
    with receiving() as receiver:
        ours = actions.add_webhook_endpoint(ADA, f"{receiver.url}/ours", ["usage.threshold"], key="1")
        other = actions.add_webhook_endpoint(ADA, f"{receiver.url}/mine", ["usage.threshold"], key="2")
        uses(company, NOW, 160)
        sends(company, datetime.now(UTC))
        before = list(receiver.received)
        with pytest.raises(SecondPersonNeeded):
            actions.decide(ADA, ours.waits_for, accepted=True)
        actions.decide(BEN, ours.waits_for, accepted=True)
        actions.decide(BEN, other.waits_for, accepted=False, reason="not ours")
        uses(company, NOW, 30)
        sends(company, datetime.now(UTC))

    assert ours.details["secret"].startswith("whsec_")
    assert before == []
    assert len(receiver.received) == 1
    with reading(company) as db:
        assert [each.url for each in list_endpoints(db)] == [f"{receiver.url}/ours"]


def test_the_only_administrator_of_an_installation_without_sign_in_waits_for_nobody(company: Engine) -> None:
    made = actions.create_key(LOCAL_ADMINISTRATOR, "importer", ["workspaces:write"], key="k")
    added = actions.add_webhook_endpoint(
        LOCAL_ADMINISTRATOR, "https://x.example/in", ["usage.threshold"], key="w"
    )

    assert (made.waits_for, added.waits_for) == (None, None)
    assert key_states(company) == ["active"]


def test_each_step_is_one_line_of_the_audit_log(company: Engine) -> None:
    request = actions.add_staff(ADA, "new@example.com", role="admin", key="new")
    actions.decide(BEN, request.waits_for, accepted=True)

    with reading(company) as db:
        lines = db.execute(text("SELECT actor, action, subject FROM audit ORDER BY audit_no")).all()
    assert [tuple(line) for line in lines] == [
        ("ada@example.com", "ask_staff", "new@example.com"),
        ("ben@example.com", "approve_staff", "new@example.com"),
    ]
