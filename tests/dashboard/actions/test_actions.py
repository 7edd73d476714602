"""Actions of staff: permission, limit or approval, audit line and ledger call, all of it or nothing."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine

import ledger
from dashboard import actions
from dashboard.__main__ import load_modules
from dashboard.access import PERMISSIONS, ROLES, Operator
from dashboard.actions import ACTIONS, NotAllowed
from dashboard.actions.acting import CHECKED
from dashboard.actions.grants import request_uuid
from dashboard.clock import present
from ledger.database import reading, writing
from ledger.desk import audit, bulk_grants, staff
from ledger.desk.bulk_grants import GrantRequest
from ledger.errors import AlreadyDecided, InvalidText, SecondPersonNeeded
from tests.pages.visits import use

SAM = Operator("sam@example.com", "Sam", "support", "oidc")
TOM = Operator("tom@example.com", "Tom", "support", "oidc")
ADA = Operator("ada@example.com", "Ada", "admin", "oidc")
BEN = Operator("ben@example.com", "Ben", "admin", "oidc")
SOMEBODY = UUID(int=1)
CALLS: dict[str, Callable[[Operator], object]] = {
    "grant_minutes": lambda who: actions.grant_minutes(who, "acme", 5, reason="r", key="k"),
    "void_minutes": lambda who: actions.void_minutes(who, "acme", 1, reason="r", key="k"),
    "refund_purchase": lambda who: actions.refund_purchase(who, "acme", SOMEBODY, 1, reason="r", key="k"),
    "decide": lambda who: actions.decide(who, SOMEBODY, accepted=True),
    "add_note": lambda who: actions.add_note(who, "acme", "text", key="k"),
    "remove_note": lambda who: actions.remove_note(who, "acme", SOMEBODY),
    "open_workspace": lambda who: actions.open_workspace(who, "acme"),
    "pin_workspace": lambda who: actions.pin_workspace(who, "acme", pinned=True),
    "add_staff": lambda who: actions.add_staff(who, "new@example.com", role="viewer", key="k"),
    "disable_staff": lambda who: actions.disable_staff(who, "new@example.com", key="k"),
    "set_limits": lambda who: actions.set_limits(who, staff.Limits("support", 1, 1, 1, 1), key="k"),
    "create_key": lambda who: actions.create_key(
        who, "n", ["balance:read"], requests_per_minute=None, key="k"
    ),
    "limit_key": lambda who: actions.limit_key(who, "000000000000", 60, key="k"),
    "revoke_key": lambda who: actions.revoke_key(who, "000000000000", key="k"),
    "start_batch": lambda who: actions.start_batch(
        who, [GrantRequest(1, "acme", 5)], title="t", reason="r", key="k"
    ),
    "apply_row": lambda who: actions.apply_row(who, SOMEBODY, 1),
    "stop_batch": lambda who: actions.stop_batch(who, SOMEBODY),
    "undo_row": lambda who: actions.undo_row(who, SOMEBODY, 1),
    "export_personal_data": lambda who: actions.export_personal_data(who, "acme", key="k"),
    "erase_personal_data": lambda who: actions.erase_personal_data(
        who, "acme", confirmed="acme", reason="r", key="k"
    ),
}


@pytest.fixture
def acme(engine: Engine) -> Engine:
    """A database with one workspace that has 200 plan minutes."""
    use(engine)
    at = present() - timedelta(days=2)
    with writing(engine) as db:
        ledger.create_workspace(db, "acme", name="Acme", owner_email="a@acme.example", actor="test", at=at)
        ledger.update_plan_allocation(db, "acme", "starter", "monthly", key="first", actor="test", at=at)
    return engine


def _total(engine: Engine, workspace_id: str = "acme") -> int:
    with reading(engine) as db:
        return ledger.get_balance(db, workspace_id).total_minutes


def _lines(engine: Engine) -> list[audit.Line]:
    with reading(engine) as db:
        return audit.list_lines(db)


def test_every_action_asks_for_a_known_permission() -> None:
    load_modules()

    assert set(CALLS) <= set(ACTIONS)
    assert set(ACTIONS) == set(CHECKED)
    assert set(ACTIONS.values()) <= set(PERMISSIONS)


@pytest.mark.parametrize("role", [*ROLES, "none"])
def test_every_action_refuses_the_roles_without_its_permission_before_it_looks_at_anything(role: str) -> None:
    load_modules()
    who = Operator("who@example.com", "Who", role, "oidc")

    refused = {name for name, action in CHECKED.items() if _is_refused(action, who)}

    assert refused == {name for name, needed in ACTIONS.items() if needed not in ROLES.get(role, frozenset())}


def _is_refused(action: Callable[..., object], who: Operator) -> bool:
    """Call an action without telling it what to do: whoever may goes on to complain about that."""
    try:
        action(who)
    except NotAllowed:
        return True
    except TypeError:
        return False
    raise AssertionError("an action has no example arguments")


@pytest.mark.parametrize("role", [*ROLES, "none"])
@pytest.mark.usefixtures("acme")
def test_an_action_runs_exactly_for_the_roles_that_have_its_permission(role: str) -> None:
    who = Operator("who@example.com", "Who", role, "oidc")
    allowed = {name for name, call in CALLS.items() if _is_allowed(call, who)}

    assert allowed == {name for name in CALLS if ACTIONS[name] in ROLES.get(role, frozenset())}


def _is_allowed(call: Callable[[Operator], object], who: Operator) -> bool:
    try:
        call(who)
    except NotAllowed:
        return False
    except ledger.LedgerError:
        return True  # the permission was there, the request itself is refused
    return True


def test_a_grant_changes_the_balance_and_says_so_in_the_audit_log(acme: Engine) -> None:
    actions.grant_minutes(SAM, "acme", 60, reason="Goodwill: dropped call", key="click 1")

    assert _total(acme) == 260
    line = _lines(acme)[0]
    assert (line.actor, line.action, line.minutes, line.reason) == (
        "sam@example.com",
        "grant",
        60,
        "Goodwill: dropped call",
    )
    assert (line.before["total_minutes"], line.after["total_minutes"]) == (200, 260)


def test_a_double_click_gives_once_also_when_both_arrive_together(acme: Engine) -> None:
    with ThreadPoolExecutor(8) as pool:
        done = list(
            pool.map(lambda _: actions.grant_minutes(SAM, "acme", 60, reason="r", key="click 1"), range(8))
        )

    assert _total(acme) == 260
    assert sum(not answer.repeated for answer in done) == 1
    assert len(_lines(acme)) == 1


def test_two_support_people_granting_at_once_both_count(acme: Engine) -> None:
    with ThreadPoolExecutor(2) as pool:
        both = [
            pool.submit(actions.grant_minutes, who, "acme", 10, reason="r", key=f"click of {who.name}")
            for who in (SAM, TOM)
        ]
        for one in both:
            one.result()

    assert _total(acme) == 220


def test_a_grant_above_the_limit_waits_for_a_second_person(acme: Engine) -> None:
    request = actions.grant_minutes(SAM, "acme", 301, reason="a week of outage", key="click 1")

    assert request.waits_for is not None
    assert _total(acme) == 200
    with pytest.raises(NotAllowed):
        actions.decide(TOM, request.waits_for, accepted=True)
    actions.decide(ADA, request.waits_for, accepted=True)
    assert _total(acme) == 501


def test_nobody_decides_their_own_request_and_a_decision_counts_once(acme: Engine) -> None:
    request = actions.grant_minutes(ADA, "acme", 3001, reason="big", key="click 1").waits_for
    assert request is not None

    with pytest.raises(SecondPersonNeeded):
        actions.decide(ADA, request, accepted=True)
    actions.decide(BEN, request, accepted=False, reason="too much")
    with pytest.raises(AlreadyDecided):
        actions.decide(BEN, request, accepted=True)
    assert _total(acme) == 200


def test_the_limit_of_a_day_holds_against_parallel_sessions_of_one_person(acme: Engine) -> None:
    with ThreadPoolExecutor(10) as pool:
        done = list(
            pool.map(lambda n: actions.grant_minutes(SAM, "acme", 300, reason="r", key=f"{n}"), range(10))
        )

    assert sum(answer.waits_for is None for answer in done) == 5
    assert _total(acme) == 200 + 5 * 300


def test_only_what_is_unused_of_a_grant_is_taken_back(acme: Engine) -> None:
    lot_id = actions.grant_minutes(SAM, "acme", 60, reason="r", key="give").details["lot_id"]
    with writing(acme) as db:
        ledger.track_minutes(db, "acme", 220, key="call", at=present())

    actions.void_minutes(SAM, "acme", lot_id, reason="given by mistake", key="take")

    assert _total(acme) == 0
    assert _lines(acme)[0].minutes == 40
    with pytest.raises(ledger.UnknownLot):
        actions.void_minutes(SAM, "acme", 1, reason="a plan lot", key="other")


def test_an_action_that_the_ledger_refuses_leaves_no_audit_line(acme: Engine) -> None:
    with pytest.raises(ledger.UnknownWorkspace):
        actions.grant_minutes(SAM, "gone", 60, reason="r", key="click")
    with pytest.raises(InvalidText):
        actions.grant_minutes(SAM, "acme", 60, reason="nul \x00", key="click")

    assert _lines(acme) == []


def test_a_list_is_given_row_by_row_resumed_and_undone(acme: Engine) -> None:
    with writing(acme) as db:
        ledger.create_workspace(db, "b", name="B", owner_email="b@b.example", actor="test", at=present())
    requests = [
        GrantRequest(1, "acme", 30),
        GrantRequest(2, "nobody", 30),
        GrantRequest(3, "b", 20),
        GrantRequest(4, "b\x00", None),
    ]
    actions.start_batch(SAM, requests, title="Outage", reason="outage", key="list")
    batch_id = request_uuid("list")

    actions.apply_row(SAM, batch_id, 1)
    again = actions.apply_row(TOM, batch_id, 1)
    actions.apply_row(TOM, batch_id, 3)

    assert again is None
    assert (_total(acme), _total(acme, "b")) == (230, 20)
    with reading(acme) as db:
        batch = bulk_grants.get_batch(db, batch_id)
    assert (batch.rows, batch.granted, batch.refused, batch.waiting) == (4, 2, 2, 0)

    actions.stop_batch(SAM, batch_id)
    actions.undo_row(SAM, batch_id, 1)
    actions.undo_row(SAM, batch_id, 1)
    actions.undo_row(SAM, batch_id, 3)
    assert (_total(acme), _total(acme, "b")) == (200, 0)


def test_a_list_above_the_limits_runs_only_after_a_second_person_agreed(acme: Engine) -> None:
    actions.start_batch(SAM, [GrantRequest(1, "acme", 1000)], title="Big", reason="outage", key="list")
    batch_id = request_uuid("list")

    with pytest.raises(NotAllowed):
        actions.apply_row(SAM, batch_id, 1)
    actions.decide(ADA, batch_id, accepted=True)
    actions.apply_row(SAM, batch_id, 1)

    assert _total(acme) == 1200


def test_ten_thousand_rows_with_bad_ones_are_checked_at_once(acme: Engine) -> None:
    requests = [
        GrantRequest(n, "acme" if n == 1 else f"nobody-{n}", 5 if n % 3 else None) for n in range(1, 10_001)
    ]

    actions.start_batch(SAM, requests, title="Long", reason="outage", key="list")

    with reading(acme) as db:
        batch = bulk_grants.get_batch(db, request_uuid("list"))
    assert (batch.rows, batch.waiting, batch.refused) == (10_000, 1, 9_999)


def test_erasing_takes_the_identity_and_leaves_the_ledger(acme: Engine) -> None:
    actions.add_note(SAM, "acme", "spoke with Mrs Acme", key="note")
    with pytest.raises(InvalidText):
        actions.erase_personal_data(ADA, "acme", confirmed="acm", reason="customer request", key="erase")

    actions.erase_personal_data(ADA, "acme", confirmed="acme", reason="customer request", key="erase")

    export = actions.export_personal_data(ADA, "acme", key=str(uuid4())).details["json"]
    assert "a@acme.example" not in export
    assert "Mrs Acme" not in export
    assert _total(acme) == 200
    assert "Mrs Acme" not in str(_lines(acme))


@pytest.mark.usefixtures("acme")
def test_nobody_changes_their_own_role_or_shuts_themselves_out() -> None:
    waits = actions.add_staff(ADA, "ben@example.com", role="admin", key="1").waits_for
    actions.decide(BEN, waits, accepted=True)

    with pytest.raises(SecondPersonNeeded):
        actions.add_staff(BEN, "ben@example.com", role="viewer", key="2")
    with pytest.raises(SecondPersonNeeded):
        actions.disable_staff(BEN, "ben@example.com", key="3")
