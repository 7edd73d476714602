"""One use or a batch: both must say and do exactly what the oracle says."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError

import ledger
from tests.databases import as_owner
from tests.depth import rounds
from tests.plays import HAPPENINGS, Happening, answer_of, play
from tests.stories import START, Story


@given(happenings=HAPPENINGS, in_batches=st.booleans())
@settings(max_examples=rounds(60, deep=300))
def test_one_by_one_and_in_batches_the_ledger_answers_as_the_oracle(
    shared_engine: Engine, happenings: list[Happening], in_batches: bool
) -> None:
    with shared_engine.connect() as db, db.begin() as transaction:
        pairs = play(db, happenings, in_batches=in_batches)
        transaction.rollback()

    for answer, expected in pairs:
        assert answer == expected


@given(happenings=HAPPENINGS)
@settings(max_examples=rounds(30, deep=120))
def test_a_batch_leaves_the_same_rows_as_single_uses(
    shared_engine: Engine, happenings: list[Happening]
) -> None:
    rows = []
    for in_batches in (True, False):
        with shared_engine.connect() as db, db.begin() as transaction:
            play(db, happenings, in_batches=in_batches)
            rows.append([every_row(db, table) for table in ("entries", "usage_alerts", "workspace_minutes")])
            transaction.rollback()

    assert rows[0] == rows[1]


def every_row(db: Connection, table: str) -> list[str]:
    """All rows of a table, without names, keys and booking times."""
    without = ["workspace_id", "key", "recorded_at", "next_attempt_at"]
    result = db.execute(
        text(f"SELECT (to_jsonb(t) - CAST(:without AS text[]))::text FROM {table} t"), {"without": without}
    )
    return sorted(result.scalars())


def test_a_bad_use_is_refused_in_its_place_and_stops_no_other(db: Connection) -> None:
    acme = Story(db)
    acme.gets(10)
    good = {"workspace_id": acme.workspace_id, "minutes": 1, "at": acme.now}

    results = ledger.track_uses(
        db,
        [
            {**good, "key": "a"},
            {**good, "key": "b", "minutes": 0},
            {**good, "key": "c", "workspace_id": "nobody"},
            {**good, "key": ""},
            {**good, "key": "d", "at": acme.now.replace(tzinfo=None)},
            {**good, "key": "a", "minutes": 2},
            {**good, "key": "e", "colour": "red"},
            {**good, "key": "a"},
            {**good, "key": "f", "duration_seconds": -1},
            {**good, "key": "g"},
        ],
    )

    codes = [result.code if isinstance(result, ledger.Refused) else result.repeated for result in results]
    assert codes == [
        False, "invalid_minutes", "unknown_workspace", "invalid_key", "invalid_time", "key_reused", "invalid_text", True,
        "invalid_duration", False,
    ]  # fmt: skip
    assert acme.balance == (0, 8)


def test_an_empty_batch_has_no_answers(db: Connection) -> None:
    assert ledger.track_uses(db, []) == []


def test_a_batch_sees_a_reset_that_falls_due_between_its_uses(db: Connection) -> None:
    acme = Story(db)
    acme.plan("starter")
    use = {"workspace_id": acme.workspace_id, "minutes": 150}

    first, second = ledger.track_uses(
        db, [{**use, "key": "a", "at": acme.now}, {**use, "key": "b", "at": acme.now + timedelta(days=40)}]
    )

    assert (answer_of(db, first)[1], answer_of(db, second)[1]) == (50, 100)


@pytest.mark.parametrize("analysed", [False, True], ids=["never", "when empty"])
@pytest.mark.parametrize("workspaces", [1, 200])
def test_a_batch_reads_each_of_its_uses_a_few_times_whatever_the_planner_knows(
    db: Connection, workspaces: int, analysed: bool
) -> None:
    for n in range(workspaces):
        Story(db, workspace_id=f"w{n}").gets(
            2
        )  # so that every workspace empties its lot and crosses all there is
    if analysed:
        ledger.track_uses(db, [{"workspace_id": "w0", "key": f"before-{n}", "at": START} for n in range(150)])
        with as_owner(db):
            db.execute(text("ANALYZE use_batches"))
    read = text(
        "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'use_batches'"
    )
    before = db.execute(read).scalar_one()

    ledger.track_uses(
        db, [{"workspace_id": f"w{n % workspaces}", "key": f"call-{n}", "at": START} for n in range(400)]
    )

    assert db.execute(read).scalar_one() - before < 50 * 400


@pytest.mark.parametrize("table", ["entries", "stored_draws", "stored_lots"])
def test_the_planner_expects_many_rows_of_a_workspace_though_each_had_one_when_it_counted(
    db: Connection, table: str
) -> None:
    for n in range(3):
        Story(db, workspace_id=f"w{n}").gets(100)
        ledger.track_minutes(db, f"w{n}", 100, key="call", at=START)

    with as_owner(db):
        db.execute(text(f"ANALYZE {table}"))

    output = text("SELECT n_distinct FROM pg_stats WHERE tablename = :table AND attname = 'workspace_id'")
    assert -0.1 <= db.execute(output, {"table": table}).scalar_one() < 0


@pytest.mark.parametrize(("table", "number"), [("entries", "entry_no"), ("stored_lots", "lot_id")])
def test_a_foreign_key_is_planned_once_though_each_workspace_had_one_row_when_they_were_counted(
    db: Connection, table: str, number: str
) -> None:
    for n in range(200):
        Story(db, workspace_id=f"w{n}").gets(100)
    lookup = f"SELECT 1 FROM ONLY {table} WHERE workspace_id = $1 AND {number} = $2 FOR KEY SHARE"

    with as_owner(db):  # who checks foreign keys
        db.exec_driver_sql(f"ANALYZE {table}")
        db.exec_driver_sql(f"PREPARE foreign_key (text, bigint) AS {lookup}")
        for n in range(10):
            db.exec_driver_sql(f"EXECUTE foreign_key ('w{n}', {n + 2})")

    plans = "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE name = 'foreign_key'"
    assert tuple(db.exec_driver_sql(plans).one()) == (5, 5)
    db.exec_driver_sql("DEALLOCATE foreign_key")


def test_batches_that_end_a_pool_to_the_minute_tell_it_once(db: Connection) -> None:
    acme = Story(db)
    acme.plan("starter")
    acme.gets(10)

    for key, minutes in (("a", 200), ("b", 10), ("c", 1)):
        use = {"workspace_id": acme.workspace_id, "minutes": minutes, "key": key, "at": acme.now}
        ledger.track_uses(db, [use])

    assert [kind for _, kind in acme.crossed() if "used" not in kind] == ["plan_exhausted", "limit_hit"]


@pytest.mark.parametrize(
    ("granted", "minutes", "crossed"), [(1000, 200, "plan_exhausted"), (10, 170, "used_80")]
)
def test_a_batch_that_crosses_one_thing_tells_that_alone(
    db: Connection, granted: int, minutes: int, crossed: str
) -> None:
    acme = Story(db)
    acme.plan("starter")
    acme.gets(granted)

    ledger.track_uses(
        db, [{"workspace_id": acme.workspace_id, "minutes": minutes, "key": "a", "at": acme.now}]
    )

    assert [kind for _, kind in acme.crossed()] == [crossed]


def test_a_refused_use_that_is_booked_is_a_limit_hit_and_its_repeat_is_refused_again(db: Connection) -> None:
    from ledger.minutes.uses import book_refusal  # noqa: PLC0415

    acme = Story(db)
    acme.gets(10)

    use = book_refusal(db, acme.workspace_id, 20, key="call", at=acme.now)

    assert (use.from_extra, use.unmet_minutes, acme.balance) == (0, 20, (0, 10))
    assert (1, "limit_hit") in acme.crossed()
    try:
        acme.uses(20, key="call", all_or_nothing=True)
    except ledger.InsufficientMinutes:
        return
    raise AssertionError("the repeat of a refused use was accepted")


@pytest.mark.parametrize("workspace_id", ["", "nul\x00", "\ud800", None, 5])
def test_a_use_of_an_id_that_no_workspace_can_have_is_one_of_an_unknown_workspace(
    db: Connection, workspace_id: object
) -> None:
    acme = Story(db)
    bad = {"workspace_id": workspace_id, "key": "bad", "at": acme.now}
    good = {"workspace_id": acme.workspace_id, "key": "good", "at": acme.now}

    with pytest.raises(ledger.UnknownWorkspace):
        ledger.track_minutes(db, workspace_id, 1, key="k", at=acme.now)  # type: ignore[arg-type]
    refused, booked = ledger.track_uses(db, [bad, good])

    assert isinstance(refused, ledger.Refused)
    assert refused.code == "unknown_workspace"
    assert isinstance(booked, ledger.Use)


def test_a_key_is_recognised_ten_years_later_one_by_one_and_in_a_batch(db: Connection) -> None:
    acme = Story(db)
    acme.gets(50)
    first = acme.uses(5, key="call-1")
    acme.later(days=3652)
    use = {"workspace_id": acme.workspace_id, "minutes": 5, "at": acme.now}

    again = acme.uses(5, key="call-1")
    in_a_batch, other = ledger.track_uses(db, [use | {"key": "call-1"}, use | {"key": "call-2"}])

    assert [again.repeated, in_a_batch.repeated, other.repeated] == [True, True, False]
    assert (first.total_minutes, again.total_minutes, acme.balance) == (45, 45, (0, 40))


ODD_KEYS = ["A", "\\x41", "\\101", "\\\\101", "a\\b", "a\\\\b", "\\", "é", "😀", " A", "A ", "%", "'"]


@pytest.mark.parametrize("in_a_batch", [False, True])
def test_keys_that_differ_in_one_character_are_different_keys(db: Connection, *, in_a_batch: bool) -> None:
    acme = Story(db)
    acme.gets(50)
    uses = [{"workspace_id": acme.workspace_id, "minutes": 1, "key": key, "at": acme.now} for key in ODD_KEYS]

    def book() -> list[bool]:
        if in_a_batch:
            return [result.repeated for result in ledger.track_uses(db, uses)]
        return [acme.uses(1, key=key).repeated for key in ODD_KEYS]

    assert book() == [False] * len(ODD_KEYS)
    assert book() == [True] * len(ODD_KEYS)
    assert acme.balance == (0, 50 - len(ODD_KEYS))


@pytest.mark.parametrize("in_a_batch", [False, True])
def test_two_keys_of_one_digest_are_never_a_repeat_and_the_second_books_nothing(
    db: Connection, *, in_a_batch: bool
) -> None:
    acme, globex = Story(db), Story(db)
    acme.gets(50)
    globex.gets(50)
    with as_owner(db):
        db.execute(
            text(
                "CREATE OR REPLACE FUNCTION key_digest(p_key text) RETURNS bytea LANGUAGE sql IMMUTABLE RETURN ''::bytea"
            )
        )
        index = db.execute(text("SELECT pg_get_indexdef('entries_key_once'::regclass)")).scalar_one()
        db.execute(text("DROP INDEX entries_key_once"))
        db.execute(text(index))
    acme.uses(5, key="one")
    globex.uses(5, key="two")

    with pytest.raises(IntegrityError), db.begin_nested():
        if in_a_batch:
            use = {"workspace_id": acme.workspace_id, "minutes": 5, "key": "two", "at": acme.now}
            ledger.track_uses(db, [use])
        else:
            acme.uses(5, key="two")

    assert (acme.balance, globex.balance) == ((0, 45), (0, 45))
    assert acme.uses(5, key="one").repeated
