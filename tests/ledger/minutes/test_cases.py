"""Cases that other credit ledgers learned the hard way, as our own stories."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection, Engine, text

import ledger
from tests.databases import as_owner
from tests.stories import Story


def drawn(acme: Story, use: ledger.Use) -> list[int]:
    """Minutes a use took from each lot, in the order of use."""
    return [draw.minutes for draw in ledger.explain_entry(acme.db, acme.workspace_id, use.entry_no)]


def with_plan_of(db: Connection, minutes: int) -> Story:
    """A workspace whose plan gives exactly these minutes a month; plans are data."""
    with as_owner(db):
        db.execute(text("UPDATE plans SET minutes = :minutes WHERE plan = 'starter'"), {"minutes": minutes})
    acme = Story(db)
    acme.lots["plan"] = acme.plan().lots[0].lot_id
    return acme


def test_free_minutes_go_before_bought_ones_and_the_split_is_stored_with_the_use(db: Connection) -> None:
    acme = Story(db)
    acme.plan("starter")
    acme.uses(170)
    acme.later(hours=1).gets(70)

    use = acme.later(days=5).uses(80)

    assert (drawn(acme, use), use.from_plan, use.from_extra, acme.balance) == ([30, 50], 30, 50, (0, 20))


def test_of_a_use_beyond_the_plan_only_the_rest_comes_out_of_the_pack(db: Connection) -> None:
    acme = with_plan_of(db, 30)
    acme.later(minutes=1).gets(70, "pack")

    use = acme.later(minutes=1).uses(50)

    assert (drawn(acme, use), acme.left("plan"), acme.left("pack"), use.total_minutes) == (
        [30, 20],
        0,
        50,
        50,
    )


def test_a_plan_is_used_before_a_lifetime_top_up_across_a_cycle(db: Connection) -> None:
    acme = with_plan_of(db, 500)
    acme.gets(200, "top")

    first = acme.later(minutes=1).uses(400)
    assert (acme.left("plan"), acme.left("top"), first.total_minutes) == (100, 200, 300)

    second = acme.later(minutes=1).uses(200)
    assert (drawn(acme, second), acme.left("plan"), acme.left("top")) == ([100, 100], 0, 100)

    acme.later(days=30)
    balance = ledger.reset_monthly_minutes(db, acme.workspace_id, key="r", at=acme.now)
    assert ([lot.remaining for lot in balance.lots], balance.total_minutes) == ([500, 100], 600)


def test_a_pack_too_small_for_a_use_is_left_as_it_was(db: Connection) -> None:
    acme = Story(db)
    acme.gets(30, "pack")

    with pytest.raises(ledger.InsufficientMinutes):
        acme.later(minutes=1).uses(50, all_or_nothing=True)

    assert (acme.left("pack"), acme.balance) == (30, (0, 30))
    assert [entry.kind for entry in ledger.list_entries(db, acme.workspace_id)] == ["grant"]


def test_a_void_passes_the_plan_by_and_never_takes_more_than_its_own_lot_holds(db: Connection) -> None:
    acme = with_plan_of(db, 100)
    acme.later(minutes=1).gets(50, "target")

    voided = acme.later(minutes=1).voids("target", 30)
    with pytest.raises(ledger.InsufficientMinutes):
        acme.later(minutes=1).voids("target", 60)

    assert (voided.lot_id, voided.extra_delta) == (acme.lots["target"], -30)
    assert (acme.left("plan"), acme.left("target")) == (100, 20)


def test_a_credit_that_is_spent_cannot_be_voided_and_its_refund_makes_no_debt(db: Connection) -> None:
    acme = Story(db)
    acme.gets(100, "spent")
    acme.later(minutes=1).uses(100)

    with pytest.raises(ledger.InsufficientMinutes):
        acme.voids("spent", 100)
    taken = [acme.later(minutes=1).loses("spent", 100) for _ in range(2)]

    assert (taken, acme.balance) == ([0, 0], (0, 0))


def test_an_earlier_balance_holds_until_the_next_use(db: Connection) -> None:
    acme = Story(db)
    acme.gets(1000)
    for minute in (1, 61):
        acme.uses(100, at=acme.now + timedelta(minutes=minute))
    read_at = acme.now + timedelta(minutes=60)
    acme.later(minutes=120).gets(1000)

    balance = ledger.get_balance(db, acme.workspace_id, at=read_at)

    assert (balance.total_minutes, balance.minutes_used) == (900, 100)


def test_an_all_or_nothing_use_larger_than_what_is_left_is_refused_whole(db: Connection) -> None:
    acme = Story(db)
    acme.gets(3)
    acme.gets(12)

    with pytest.raises(ledger.InsufficientMinutes):
        acme.uses(16, all_or_nothing=True)
    use = acme.uses(15, all_or_nothing=True)

    assert (drawn(acme, use), acme.balance) == ([3, 12], (0, 0))
    assert len(ledger.list_entries(db, acme.workspace_id)) == 3


def test_an_identity_holds_whatever_arrives_late(db: Connection) -> None:
    acme = Story(db)
    acme.gets(1000)
    read_at = acme.now + timedelta(days=10)
    acme.uses(200, at=acme.now + timedelta(minutes=5))

    for late_minutes in (5, 5):
        acme.uses(late_minutes, at=read_at - timedelta(minutes=1))

        balance = ledger.get_balance(db, acme.workspace_id, at=read_at)
        assert balance.minutes_used + balance.total_minutes == 1000


def test_a_use_that_arrives_while_a_balance_is_read_shifts_nothing_in_that_reading(engine: Engine) -> None:
    with ledger.writing(engine) as db:
        acme = Story(db)
        acme.gets(1000)
        for minutes, minute in ((200, 5), (5, 14_399)):
            acme.uses(minutes, at=acme.now + timedelta(minutes=minute))
    read_at = acme.now + timedelta(minutes=14_400)

    with ledger.reading(engine) as reader:
        seen = [ledger.get_balance(reader, acme.workspace_id, at=read_at)]
        with ledger.writing(engine) as db:
            ledger.track_minutes(db, acme.workspace_id, 5, key="late", at=read_at - timedelta(minutes=1))
        seen.append(ledger.get_balance(reader, acme.workspace_id, at=read_at))
    with ledger.reading(engine) as reader:
        seen.append(ledger.get_balance(reader, acme.workspace_id, at=read_at))

    assert [(each.minutes_used, each.total_minutes) for each in seen] == [(205, 795), (205, 795), (210, 790)]


def test_a_historical_balance_is_that_of_the_last_entry_at_or_before_the_time(db: Connection) -> None:
    acme = Story(db)
    noon = acme.now
    for hour, minutes in ((0, 10), (1, 20), (2, 50)):
        acme.now = noon + timedelta(hours=hour)
        acme.gets(minutes)

    seen = [
        ledger.get_balance(db, acme.workspace_id, at=noon + timedelta(minutes=minutes)).total_minutes
        for minutes in (-1, 0, 15, 60, 75, 120, 135)
    ]

    assert seen == [0, 10, 10, 30, 30, 80, 80]


def test_the_limit_is_reached_when_exactly_nothing_is_left_and_only_once(db: Connection) -> None:
    acme = Story(db)
    acme.gets(1000)

    for minutes, hits in ((999, 0), (1, 1), (50, 1)):
        acme.uses(minutes)
        assert len([kind for _, kind in acme.crossed() if kind == "limit_hit"]) == hits


def test_a_retry_with_the_same_key_answers_and_makes_no_second_row(db: Connection) -> None:
    acme = Story(db)
    acme.gets(100)
    acme.uses(70)

    with pytest.raises(ledger.InsufficientMinutes):
        acme.uses(50, all_or_nothing=True)
    first, again = (acme.uses(30, key="h2", all_or_nothing=True) for _ in range(2))

    assert (first.repeated, again.repeated, acme.balance) == (False, True, (0, 0))
    assert len(ledger.list_entries(db, acme.workspace_id)) == 3


def test_editing_the_catalogue_or_crossing_a_cycle_never_touches_bought_minutes(db: Connection) -> None:
    acme = Story(db)
    acme.plan("starter")
    acme.buys("jumbo")
    db.execute(text("RESET ROLE"))
    db.execute(text("UPDATE plans SET minutes = 50"))

    acme.later(days=30)
    ledger.reset_monthly_minutes(db, acme.workspace_id, key="r", at=acme.now)

    assert acme.balance == (250, 600)


def test_usage_without_any_credit_is_not_lost(db: Connection) -> None:
    acme = Story(db)

    use = acme.uses(50)

    assert (use.unmet_minutes, use.total_minutes) == (50, 0)
    assert ledger.list_entries(db, acme.workspace_id)[0].minutes == 50


def test_no_tie_is_left_to_the_database(db: Connection) -> None:
    acme = Story(db)
    for name in ("c", "a", "b"):
        acme.gets(1, name)
    acme.later(hours=-1).gets(1, "older")
    acme.later(hours=1)

    emptied: list[str] = []
    for _ in range(4):
        acme.uses(1)
        emptied += [name for name in acme.lots if acme.left(name) == 0 and name not in emptied]

    assert emptied == ["older", "c", "a", "b"]


def test_the_next_lot_is_selected_without_reading_the_others(db: Connection) -> None:
    acme = Story(db)
    acme.gets(100)
    db.execute(text("RESET ROLE"))
    db.execute(
        text(
            "INSERT INTO stored_lots (workspace_id, lot_id, minutes, burn_order, entry_no, acquired_at, kind) "
            "SELECT :w, n, 100, burn_order('grant', :at, NULL) + n, 1, :at, 'grant' FROM generate_series(2, 20000) n"
        ),
        {"w": acme.workspace_id, "at": acme.now},
    )
    db.execute(text("ANALYZE lots"))

    plan = "\n".join(
        db.execute(
            text(
                "EXPLAIN (ANALYZE, TIMING OFF, SUMMARY OFF) SELECT lot_id FROM lots l "
                "WHERE l.workspace_id = :w AND l.open ORDER BY l.burn_order, l.lot_id LIMIT 1"
            ),
            {"w": acme.workspace_id},
        ).scalars()
    )

    assert "lots_open" in plan
    assert "rows=1.00" in plan or "rows=1 " in plan
    assert acme.uses(99).from_extra == 99
    assert acme.left("") == 1


@pytest.mark.parametrize("other", [{"minutes": 6}, {"duration_seconds": 301}, {"duration_seconds": None}])
def test_a_key_stands_for_the_raw_length_of_its_use_too(db: Connection, other: dict[str, int | None]) -> None:
    acme = Story(db)
    acme.gets(100)
    use = {"minutes": 5, "duration_seconds": 300, "key": "call", "at": acme.now}
    ledger.track_minutes(db, acme.workspace_id, **use)  # type: ignore[arg-type]

    with pytest.raises(ledger.KeyReused):
        ledger.track_minutes(db, acme.workspace_id, **use | other)  # type: ignore[arg-type]
    [in_batch] = ledger.track_uses(db, [use | other | {"workspace_id": acme.workspace_id}])

    assert isinstance(in_batch, ledger.Refused)
    assert in_batch.code == "key_reused"
    assert [entry.duration_seconds for entry in ledger.list_entries(db, acme.workspace_id)] == [300, None]


def test_booking_time_stands_still_where_the_clock_was_set_back(db: Connection) -> None:
    acme = Story(db)
    acme.gets(100)
    later = "UPDATE workspace_minutes SET recorded_at = recorded_at + interval '1 day' WHERE workspace_id = :w RETURNING recorded_at"
    with as_owner(db):
        booked_last = db.execute(text(later), {"w": acme.workspace_id}).scalar_one()

    acme.uses(1)
    use = {"workspace_id": acme.workspace_id, "key": "call", "at": acme.now}
    ledger.track_uses(db, [use])
    acme.gets(5)

    new = ledger.list_entries(db, acme.workspace_id)[:3]
    assert [entry.recorded_at for entry in new] == [booked_last] * 3
