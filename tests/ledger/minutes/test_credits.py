"""The rulebook of minutes: what is used first, what credits do, what is taken back."""

import uuid
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection

import ledger
from ledger.minutes.credits import credit_purchase, take_back
from tests.stories import Story

ANCIENT, DISTANT = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)


def test_plan_minutes_are_used_before_extra_minutes(db: Connection) -> None:
    acme = Story(db)
    acme.buys("small")
    acme.plan("starter")

    use = acme.uses(210)

    assert (use.from_plan, use.from_extra) == (200, 10)
    assert acme.balance == (0, 50)


def test_the_oldest_package_is_used_first(db: Connection) -> None:
    acme = Story(db)
    acme.buys("medium")
    acme.later(days=-3).buys("small")

    acme.later(days=4).uses(70)

    assert (acme.left("small"), acme.left("medium")) == (0, 140)


def test_lots_of_equal_age_are_used_in_the_order_they_were_made(db: Connection) -> None:
    acme = Story(db)
    acme.gets(10, "first")
    acme.gets(10, "second")

    acme.uses(12)

    assert (acme.left("first"), acme.left("second")) == (0, 8)


def test_a_use_says_which_lots_it_drew(db: Connection) -> None:
    acme = Story(db)
    acme.plan("starter")
    acme.buys("small")

    use = acme.uses(230)

    draws = ledger.explain_entry(db, acme.workspace_id, use.entry_no)
    assert [(draw.kind, draw.minutes) for draw in draws] == [("plan", 200), ("purchase", 30)]


def test_a_use_beyond_what_is_left_draws_it_all_and_records_the_rest_as_unmet(db: Connection) -> None:
    acme = Story(db)
    acme.gets(30)

    use = acme.uses(50)

    assert (use.from_extra, use.unmet_minutes, use.total_minutes) == (30, 20, 0)


def test_an_all_or_nothing_use_that_is_not_covered_is_refused_and_leaves_nothing(db: Connection) -> None:
    acme = Story(db)
    acme.gets(30)

    with pytest.raises(ledger.InsufficientMinutes):
        acme.uses(50, all_or_nothing=True)

    assert acme.balance == (0, 30)
    assert len(ledger.list_entries(db, acme.workspace_id)) == 1


def test_a_repeated_key_changes_nothing_and_gives_the_first_answer(db: Connection) -> None:
    acme = Story(db)
    acme.gets(100)
    first = acme.uses(85, key="call-1")
    acme.uses(5)

    again = acme.later(days=2).uses(85, key="call-1")

    assert again.repeated
    assert (again.thresholds, again.total_minutes, again.percent_used) == ((80,), 15, 85.0)
    assert (first.entry_no, acme.balance) == (again.entry_no, (0, 10))


def test_a_key_with_another_body_is_refused(db: Connection) -> None:
    acme = Story(db)
    acme.gets(100)
    acme.uses(5, key="call-1")

    with pytest.raises(ledger.KeyReused):
        acme.uses(6, key="call-1")

    assert acme.balance == (0, 95)


def test_one_key_for_two_workspaces_is_two_uses(db: Connection) -> None:
    acme, globex = Story(db), Story(db)
    acme.gets(10)
    globex.gets(10)

    acme.uses(1, key="call-1")
    use = globex.uses(2, key="call-1")

    assert not use.repeated
    assert (acme.balance, globex.balance) == ((0, 9), (0, 8))


def test_one_key_serves_a_use_and_a_grant(db: Connection) -> None:
    acme = Story(db)

    ledger.grant_minutes(db, acme.workspace_id, 5, reason="sorry", key="k", actor="ada", at=acme.now)
    use = acme.uses(1, key="k")

    assert not use.repeated


def test_a_repeated_grant_is_one_lot_and_answers_as_it_was_made(db: Connection) -> None:
    acme = Story(db)
    again = {"reason": "sorry", "key": "g", "actor": "ada", "at": acme.now}
    first = ledger.grant_minutes(db, acme.workspace_id, 5, **again)
    acme.uses(3)

    second = ledger.grant_minutes(db, acme.workspace_id, 5, **{**again, "actor": "bob"})

    assert second == first
    assert len(ledger.list_lots(db, acme.workspace_id)) == 1


def test_a_grant_key_with_other_minutes_or_reason_is_refused(db: Connection) -> None:
    acme = Story(db)
    ledger.grant_minutes(db, acme.workspace_id, 5, reason="sorry", key="g", actor="ada", at=acme.now)

    for minutes, reason in ((6, "sorry"), (5, "again")):
        with pytest.raises(ledger.KeyReused):
            ledger.grant_minutes(
                db, acme.workspace_id, minutes, reason=reason, key="g", actor="ada", at=acme.now
            )

    assert acme.balance == (0, 5)


def test_a_void_is_aimed_at_one_lot_whatever_the_order_of_use(db: Connection) -> None:
    acme = Story(db)
    acme.gets(100, "other")
    acme.gets(50, "target")

    entry = acme.voids("target", 30)

    assert (entry.extra_delta, acme.left("other"), acme.left("target")) == (-30, 100, 20)


def test_a_void_of_more_than_the_lot_holds_is_refused_whole(db: Connection) -> None:
    acme = Story(db)
    acme.gets(50, "target")

    with pytest.raises(ledger.InsufficientMinutes):
        acme.voids("target", 60)

    assert acme.left("target") == 50


def test_a_void_without_minutes_takes_all_that_remains_even_when_that_is_nothing(db: Connection) -> None:
    acme = Story(db)
    acme.gets(50, "target")
    acme.uses(20)

    all_of_it = acme.voids("target")
    nothing = acme.voids("target")

    assert (all_of_it.minutes, nothing.minutes, acme.balance) == (30, 0, (0, 0))


def test_a_refund_takes_at_most_what_its_lot_still_holds(db: Connection) -> None:
    acme = Story(db)
    acme.buys("small")
    acme.gets(100, "grant")
    acme.uses(50)

    booked = acme.loses("small", 20)

    assert booked == 10
    assert (acme.left("small"), acme.left("grant")) == (0, 100)


def test_what_was_taken_can_be_given_back_to_its_lot_and_no_more(db: Connection) -> None:
    acme = Story(db)
    acme.buys("small")
    acme.loses("small", 40, kind="dispute")

    with pytest.raises(ledger.InsufficientMinutes):
        acme.regains("small", 41)
    entry = acme.regains("small", 40)

    assert (entry.kind, acme.left("small")) == ("restore", 60)


def test_a_purchase_is_credited_once(db: Connection) -> None:
    acme = Story(db)
    credit = {"purchase_id": acme.purchase(), "key": "pi_1", "actor": "stripe", "at": acme.now}

    first = credit_purchase(db, acme.workspace_id, 60, **credit)
    second = credit_purchase(db, acme.workspace_id, 60, **credit)

    assert (first, acme.balance) == (second, (0, 60))


def test_money_that_left_is_a_refund_or_a_dispute(db: Connection) -> None:
    acme = Story(db)
    acme.buys("small")

    with pytest.raises(ValueError, match="theft"):
        take_back(db, acme.workspace_id, 1, 1, kind="theft", key="k", actor="a", at=acme.now, reason="r")


@pytest.mark.parametrize("minutes", [0, -1, 1.5, True, None, "5", 1_000_001, 10**30])
def test_minutes_that_are_no_whole_number_in_range_are_refused(db: Connection, minutes: object) -> None:
    acme = Story(db)

    with pytest.raises(ledger.InvalidMinutes):
        acme.uses(minutes)  # type: ignore[arg-type]
    with pytest.raises(ledger.InvalidMinutes):
        acme.gets(minutes)  # type: ignore[arg-type]

    assert ledger.list_entries(db, acme.workspace_id) == []


@pytest.mark.parametrize("key", ["", "k" * 256, "k" * 10_000, "nul\x00", "\ud800", None, 5])
def test_keys_that_cannot_be_saved_are_refused(db: Connection, key: object) -> None:
    acme = Story(db)

    with pytest.raises(ledger.InvalidKey):
        ledger.track_minutes(db, acme.workspace_id, 1, key=key, at=acme.now)  # type: ignore[arg-type]


def test_a_time_without_offset_is_refused(db: Connection) -> None:
    acme = Story(db)

    with pytest.raises(ledger.InvalidTime):
        acme.uses(1, at=acme.now.replace(tzinfo=None))


@pytest.mark.parametrize(
    "at", [ANCIENT, datetime(1969, 12, 31, 23, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC), DISTANT]
)
def test_a_time_of_another_century_books_nothing_and_no_months_up_to_it(db: Connection, at: datetime) -> None:
    acme = Story(db)
    acme.plan("starter")
    begun, acme.now = acme.now, at

    for write in (acme.uses, acme.gets):
        with pytest.raises(ledger.InvalidTime):
            write(1)
    with pytest.raises(ledger.InvalidTime):
        ledger.reset_monthly_minutes(db, acme.workspace_id, key="r", at=at)
    refused, booked = ledger.track_uses(
        db,
        [
            {"workspace_id": acme.workspace_id, "key": key, "at": when}
            for key, when in (("a", at), ("b", begun))
        ],
    )

    assert isinstance(refused, ledger.Refused)
    assert refused.code == "invalid_time"
    assert isinstance(booked, ledger.Use)
    assert [entry.kind for entry in ledger.list_entries(db, acme.workspace_id)] == ["use", "allocation"]


@pytest.mark.parametrize("reason", ["", "   ", "nul\x00", "\ud800", None])
def test_a_grant_needs_a_reason(db: Connection, reason: object) -> None:
    acme = Story(db)

    with pytest.raises(ledger.InvalidText):
        ledger.grant_minutes(db, acme.workspace_id, 5, reason=reason, key="g", actor="ada", at=acme.now)  # type: ignore[arg-type]


def test_unknown_workspaces_and_lots_have_names_of_their_own(db: Connection) -> None:
    acme = Story(db)

    with pytest.raises(ledger.UnknownWorkspace):
        ledger.track_minutes(db, "nobody", 1, key="k", at=acme.now)
    with pytest.raises(ledger.UnknownWorkspace):
        ledger.grant_minutes(db, "no", 1, reason="r", key="k", actor="a", at=acme.now)
    for lot_id in (99, 0, -1, 2**70):
        with pytest.raises(ledger.UnknownLot):
            ledger.void_minutes(
                db, acme.workspace_id, lot_id, 1, reason="r", key=uuid.uuid4().hex, actor="a", at=acme.now
            )
