"""One use or a batch: both must say and do exactly what the oracle says."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, text

import ledger
from tests.oracle import Oracle
from tests.stories import START, Story

Happening = tuple[str, int, int, int]  # verb, workspace 0/1, minutes, hours since the start
HAPPENINGS = st.lists(
    st.tuples(
        st.sampled_from(["use"] * 12 + ["again", "grant", "plan", "void"]),
        st.integers(0, 1),
        st.sampled_from([1, 2, 7, 20, 40, 90, 160, 400]),
        st.integers(0, 24 * 75),
    ),
    max_size=40,
)


def next_reset(anchor: datetime, months: int) -> datetime:
    """Day and time of the anchor, `months` later, clamped to the end of a short month."""
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    for day in range(anchor.day, 27, -1):
        try:
            return anchor.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    return anchor.replace(year=year, month=month + 1)


class Expected:
    """What the oracle says about one workspace, monthly resets included."""

    def __init__(self) -> None:
        self.oracle = Oracle()
        self.anchor: datetime | None = None
        self.months = 0
        self.booked: set[datetime] = set()
        self.first_answers: dict[str, tuple[Any, ...]] = {}
        self.crossed: list[tuple[int, str]] = []

    def book_due(self, at: datetime) -> None:
        while self.anchor and (due := next_reset(self.anchor, self.months + 1)) <= at:
            self.months += 1
            if due not in self.booked:
                self.booked.add(due)
                self.oracle.credit("plan", 200, due)

    def plan(self, at: datetime) -> None:
        self.book_due(at)
        self.anchor, self.months = at, 0
        self.oracle.credit("plan", 200, at)

    def use(self, key: str, minutes: int, at: datetime) -> tuple[Any, ...]:
        if key in self.first_answers:
            return (*self.first_answers[key], True)
        self.book_due(at)
        draws, crossed, facts = self.oracle.use(minutes)
        self.crossed += [(self.oracle.epoch, kind) for kind in (*facts, *(f"used_{t}" for t in crossed))]
        answer = (
            minutes - sum(draws.values()),
            self.oracle.pool("plan"),
            self.oracle.pool("extra"),
            tuple(crossed),
            draws,
        )
        self.first_answers[key] = answer
        return (*answer, False)


def answer_of(db: Connection, use: ledger.Use | ledger.Refused) -> tuple[Any, ...]:
    """The answer of the ledger in the form of the oracle's."""
    assert isinstance(use, ledger.Use)
    draws = {draw.lot_id: draw.minutes for draw in ledger.explain_entry(db, use.workspace_id, use.entry_no)}
    return (use.unmet_minutes, use.plan_minutes, use.extra_minutes, use.thresholds, draws, use.repeated)


class Play:
    """Two workspaces to which things happen, and what the oracle says about them."""

    def __init__(self, db: Connection, *, in_batches: bool) -> None:
        self.db, self.in_batches = db, in_batches
        self.stories, self.expected = [Story(db), Story(db)], [Expected(), Expected()]
        self.pairs: list[tuple[Any, ...]] = []
        self.waiting: list[tuple[dict[str, Any], int]] = []
        self.keys: list[tuple[str, int, int]] = []

    def happens(self, verb: str, which: int, minutes: int, at: datetime, pick: int) -> None:
        """Uses in a row wait for each other; everything else comes after them."""
        if verb == "use" or (verb == "again" and self.keys):
            self.keys.append(
                self.keys[pick % len(self.keys)] if verb == "again" else (uuid.uuid4().hex, which, minutes)
            )
            key, whose, asked = self.keys[-1]
            use = {"workspace_id": self.stories[whose].workspace_id, "minutes": asked, "key": key, "at": at}
            self.waiting.append((use, whose))
        elif verb != "again":
            self.use()
            self.stories[which].now = at
            self.credit_or_void(verb, which, minutes)

    def use(self) -> None:
        """Book the waiting uses, in one batch or one by one."""
        uses = [use for use, _ in self.waiting]
        answers = (
            ledger.track_uses(self.db, uses)
            if self.in_batches
            else [ledger.track_minutes(self.db, **use) for use in uses]
        )
        for (use, which), answer in zip(self.waiting, answers, strict=True):
            right = self.expected[which].use(use["key"], use["minutes"], use["at"])
            self.pairs.append((answer_of(self.db, answer), right))
        self.waiting.clear()

    def credit_or_void(self, verb: str, which: int, minutes: int) -> None:
        """Book what is not a use."""
        story, expected = self.stories[which], self.expected[which]
        if verb == "plan":
            expected.plan(story.now)
            story.plan("starter")
        elif verb == "grant":
            expected.book_due(story.now)
            expected.oracle.credit("grant", minutes, story.now)
            story.gets(minutes)
        elif lots := ledger.list_lots(self.db, story.workspace_id, open_only=True):
            expected.book_due(story.now)
            taken = min(minutes, lots[0].remaining)
            expected.oracle.void(lots[0].lot_id, taken)
            story.lots["it"] = lots[0].lot_id
            story.voids("it", taken)


def play(db: Connection, happenings: list[Happening], *, in_batches: bool) -> list[tuple[Any, ...]]:
    """Let everything happen; returns (answer, expected) pairs, at last what the lots hold and what was crossed."""
    told = Play(db, in_batches=in_batches)
    for verb, which, minutes, hours in happenings:
        told.happens(verb, which, minutes, START + timedelta(hours=hours), hours)
    told.use()
    for story, says in zip(told.stories, told.expected, strict=True):
        left = {lot.lot_id: lot.remaining for lot in ledger.list_lots(db, story.workspace_id)}
        told.pairs.append((left, {lot.number: lot.left for lot in says.oracle.lots}))
        told.pairs.append((sorted(story.crossed()), sorted(says.crossed)))
    return told.pairs


@given(happenings=HAPPENINGS, in_batches=st.booleans())
@settings(max_examples=150)
def test_one_by_one_and_in_batches_the_ledger_answers_as_the_oracle(
    shared_engine: Engine, happenings: list[Happening], in_batches: bool
) -> None:
    with shared_engine.connect() as db, db.begin() as transaction:
        pairs = play(db, happenings, in_batches=in_batches)
        transaction.rollback()

    for answer, expected in pairs:
        assert answer == expected


@given(happenings=HAPPENINGS)
@settings(max_examples=60)
def test_a_batch_leaves_the_same_rows_as_single_uses(
    shared_engine: Engine, happenings: list[Happening]
) -> None:
    rows = []
    for in_batches in (True, False):
        with shared_engine.connect() as db, db.begin() as transaction:
            play(db, happenings, in_batches=in_batches)
            rows.append([every_row(db, table) for table in ("entries", "crossings", "workspace_minutes")])
            transaction.rollback()

    assert rows[0] == rows[1]


def every_row(db: Connection, table: str) -> list[str]:
    """All rows of a table, without names, keys and booking times."""
    without = ["workspace_id", "key", "recorded_at", "next_attempt_at"]
    found = db.execute(
        text(f"SELECT (to_jsonb(t) - CAST(:without AS text[]))::text FROM {table} t"), {"without": without}
    )
    return sorted(found.scalars())


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


@pytest.mark.parametrize("workspaces", [1, 200])
def test_a_batch_reads_each_of_its_uses_a_few_times_however_many_workspaces_share_them(
    db: Connection, workspaces: int
) -> None:
    for n in range(workspaces):
        Story(db, workspace_id=f"w{n}").gets(200)
    read = text(
        "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'use_batches'"
    )
    before = db.execute(read).scalar_one()

    ledger.track_uses(
        db, [{"workspace_id": f"w{n % workspaces}", "key": f"call-{n}", "at": START} for n in range(400)]
    )

    assert db.execute(read).scalar_one() - before < 50 * 400


def test_batches_that_end_a_pool_to_the_minute_tell_it_once(db: Connection) -> None:
    acme = Story(db)
    acme.plan("starter")
    acme.gets(10)

    for key, minutes in (("a", 200), ("b", 10), ("c", 1)):
        use = {"workspace_id": acme.workspace_id, "minutes": minutes, "key": key, "at": acme.now}
        ledger.track_uses(db, [use])

    assert [kind for _, kind in acme.crossed() if "used" not in kind] == ["plan_exhausted", "limit_hit"]


def test_a_refused_use_that_is_booked_is_a_limit_hit_and_its_repeat_is_refused_again(db: Connection) -> None:
    from ledger.uses import book_refusal  # noqa: PLC0415

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
