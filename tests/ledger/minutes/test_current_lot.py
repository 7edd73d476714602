"""The lot that uses draw from while it lasts: written when it empties or anything else changes lots, seen as it is at once."""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

import ledger
from tests.databases import migrated_database
from tests.depth import rounds
from tests.plays import HAPPENINGS, Happening, play
from tests.stories import Story

STORED = text("SELECT lot_id, drawn, remaining FROM stored_lots WHERE workspace_id = :w ORDER BY lot_id")
NOW = text("SELECT lot_id, drawn, remaining FROM lots WHERE workspace_id = :w ORDER BY lot_id")
LOCKED = text("SELECT * FROM workspace_minutes WHERE workspace_id = :w")


@pytest.fixture
def acme(db: Connection) -> Story:
    """200 plan minutes, of which the first use finds the lot, and 60 granted."""
    acme = Story(db)
    acme.plan("starter")
    acme.gets(60, "extra")
    acme.uses(10)
    return acme


@pytest.fixture(scope="module")
def lasting() -> Iterator[Engine]:
    """A database in which what was committed stays for the next example."""
    with migrated_database() as engine:
        yield engine


def lots(acme: Story, of: object) -> list[tuple[int, int, int]]:
    """(lot, drawn, remaining) of each."""
    return [tuple(row) for row in acme.db.execute(of, {"w": acme.workspace_id})]  # type: ignore[call-overload]


@pytest.fixture
def lone(lasting: Engine) -> Story:
    """200 plan minutes and 60 granted, committed; the first use has found the lot."""
    with lasting.begin() as db:
        story = Story(db)
        story.plan("starter")
        story.gets(60)
    use(lasting, story, 10)
    return story


def use(engine: Engine, story: Story, minutes: int) -> ledger.Use:
    """A use in a transaction of its own: a row that its transaction has locked before looks busy."""
    with ledger.writing(engine) as db:
        return ledger.track_minutes(db, story.workspace_id, minutes, key=story.key(), at=story.now)


def test_a_use_that_its_lot_covers_writes_no_lot_and_readers_see_it_at_once(
    lasting: Engine, lone: Story
) -> None:
    use(lasting, lone, 30)

    with ledger.reading(lasting) as lone.db:
        assert lots(lone, STORED) == [(1, 0, 200), (2, 0, 60)]
        assert lots(lone, NOW) == [(1, 40, 160), (2, 0, 60)]
        assert [lot.remaining for lot in ledger.get_balance(lone.db, lone.workspace_id).lots] == [160, 60]
        assert ledger.verify(lone.db) == []


def test_a_use_that_ends_its_lot_writes_it_and_the_next_begins_with_the_next(
    lasting: Engine, lone: Story
) -> None:
    last, next_ = use(lasting, lone, 190), use(lasting, lone, 60)

    assert (last.plan_minutes, last.extra_minutes, last.thresholds) == (0, 60, ())
    assert (next_.from_extra, next_.extra_minutes, next_.thresholds) == (60, 0, (80, 90, 100))
    with ledger.reading(lasting) as lone.db:
        assert lots(lone, STORED) == [(1, 200, 0), (2, 60, 0)]
        assert sorted(kind for _, kind in lone.crossed()) == [
            "limit_hit", "plan_exhausted", "used_100", "used_80", "used_90",
        ]  # fmt: skip


def test_a_use_within_its_lot_that_reaches_a_threshold_tells_it(lasting: Engine) -> None:
    with lasting.begin() as db:
        story = Story(db)
        story.gets(100)

    output = [use(lasting, story, minutes).thresholds for minutes in (70, 9, 1, 1)]

    assert output == [(), (), (80,), ()]


def test_a_use_after_a_reset_was_due_books_the_reset_first(lasting: Engine, lone: Story) -> None:
    for minutes in (190, 5, 5):
        use(lasting, lone, minutes)
    lone.later(days=40)

    after = use(lasting, lone, 5)

    assert (after.plan_minutes, after.extra_minutes) == (195, 50)
    with ledger.reading(lasting) as lone.db:
        assert lots(lone, NOW) == [(1, 200, 0), (2, 10, 50), (3, 5, 195)]
        assert ledger.verify(lone.db) == []


def test_a_use_that_can_never_be_booked_is_refused_where_its_lot_would_cover_it(
    lasting: Engine, lone: Story
) -> None:
    with ledger.writing(lasting) as db:
        none = text("SELECT refusal FROM record_use(:w, 0, 'none', :at, NULL, 'partial')")

        assert db.execute(none, {"w": lone.workspace_id, "at": lone.now}).scalar_one() == "LG422"


def test_a_use_of_extra_minutes_only_passes_the_current_lot_by(lasting: Engine, lone: Story) -> None:
    with ledger.writing(lasting) as db:
        extra = text("SELECT record_use(:w, 20, 'extra', :at, NULL, 'extra')")
        db.execute(extra, {"w": lone.workspace_id, "at": lone.now})

    after = use(lasting, lone, 5)

    assert (after.plan_minutes, after.extra_minutes) == (185, 40)
    with ledger.reading(lasting) as lone.db:
        assert lots(lone, NOW) == [(1, 15, 185), (2, 20, 40)]
        assert ledger.verify(lone.db) == []


def test_a_batch_that_its_lot_covers_writes_no_lot_either(db: Connection, acme: Story) -> None:
    written = lots(acme, STORED)
    uses = [
        {"workspace_id": acme.workspace_id, "minutes": 20, "key": f"b{n}", "at": acme.now} for n in range(3)
    ]

    ledger.track_uses(db, uses)

    assert lots(acme, STORED) == written
    assert lots(acme, NOW) == [(1, 70, 130), (2, 0, 60)]
    assert ledger.verify(db, at=acme.now) == []


def test_a_batch_that_ends_its_lot_to_the_minute_draws_every_minute_once(db: Connection, acme: Story) -> None:
    for batch in ((100, 90), (20,)):
        use = {"workspace_id": acme.workspace_id, "at": acme.now}
        ledger.track_uses(db, [{**use, "minutes": minutes, "key": f"b{minutes}"} for minutes in batch])

    drawn = text("SELECT entry_no, lot_id, minutes FROM draws WHERE workspace_id = :w ORDER BY entry_no")
    assert lots(acme, drawn) == [(3, 1, 10), (4, 1, 100), (5, 1, 90), (6, 2, 20)]
    assert lots(acme, NOW) == [(1, 200, 0), (2, 20, 40)]
    assert ledger.verify(db, at=acme.now) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda acme: acme.gets(5),
        lambda acme: acme.loses("extra", 60),
        lambda acme: acme.voids("extra", 10),
        lambda acme: acme.plan("pro"),
        lambda acme: ledger.reset_monthly_minutes(
            acme.db, acme.workspace_id, key="r", at=acme.later(days=40).now
        ),
        lambda acme: acme.uses(200),
    ],
    ids=["grant", "refund", "void", "plan", "reset", "its last minute"],
)
def test_the_lot_is_written_before_anything_else_changes_lots(
    db: Connection, acme: Story, change: Callable[[Story], object]
) -> None:
    acme.uses(30)

    change(acme)

    assert lots(acme, STORED) == lots(acme, NOW)
    assert ledger.verify(db, at=acme.now) == []


def test_a_void_of_the_current_lot_takes_what_its_uses_have_left(db: Connection, acme: Story) -> None:
    acme.lots["plan"] = 1
    acme.uses(30)

    entry = acme.voids("plan")

    assert entry.plan_delta == -160
    assert lots(acme, NOW) == [(1, 40, 0), (2, 0, 60)]
    assert ledger.verify(db, at=acme.now) == []


def test_a_repeat_leaves_the_locked_row_as_it_was(db: Connection, acme: Story) -> None:
    first = acme.uses(30, key="call")
    before = db.execute(LOCKED, {"w": acme.workspace_id}).one()

    again = acme.uses(30, key="call")

    assert (first.repeated, again.repeated) == (False, True)
    assert db.execute(LOCKED, {"w": acme.workspace_id}).one() == before


def test_a_lot_that_says_other_than_its_draws_is_named(db: Connection, acme: Story) -> None:
    acme.uses(30)
    db.execute(
        text("UPDATE workspace_minutes SET current_remaining = 159 WHERE workspace_id = :w"),
        {"w": acme.workspace_id},
    )

    findings = ledger.verify(db, at=acme.now)

    assert ("lots", "lot 1.drawn", "40", "41") in {
        (each.check, each.where, each.expected, each.actual) for each in findings
    }


def test_a_balance_that_is_not_that_of_its_last_entry_is_found_and_books_nothing_more(engine: Engine) -> None:
    with ledger.writing(engine) as db:
        acme = Story(db)
        acme.plan("starter")
        db.execute(
            text("UPDATE workspace_minutes SET minutes_remaining = 199 WHERE workspace_id = :w"),
            {"w": acme.workspace_id},
        )

    with pytest.raises(DBAPIError, match="entries_continue_the_balance"), ledger.writing(engine) as db:
        ledger.track_minutes(db, acme.workspace_id, key="next", at=acme.now)

    with ledger.reading(engine) as db:
        assert [entry.entry_no for entry in ledger.list_entries(db, acme.workspace_id)] == [1]
        assert "balances" in {finding.check for finding in ledger.verify(db)}


@given(happenings=HAPPENINGS)
@settings(max_examples=rounds(40, deep=200))
def test_uses_that_are_committed_one_by_one_answer_as_the_oracle(
    lasting: Engine, happenings: list[Happening]
) -> None:
    with lasting.connect() as db:
        pairs = play(db, happenings, in_batches=False, after_each=db.commit)
        findings = ledger.verify(db)

    for answer, expected in pairs:
        assert answer == expected
    assert findings == []
