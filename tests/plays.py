"""Random histories of two workspaces, booked in the ledger and in the oracle side by side."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

import ledger
from tests.oracle import Oracle
from tests.stories import START, Story

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection


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
        self.first: datetime | None = None
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
        """The newest allocation is the anchor; an older one gives its minutes, and its months before the first."""
        if self.anchor is not None and at < self.anchor:
            self.late_plan(at)
            return
        self.book_due(at)
        self.anchor, self.months = at, 0
        given = max((due for due in self.booked if due > at), default=at)
        while next_reset(at, self.months + 1) <= given:
            self.months += 1
        self.first = min(self.first or at, at)
        self.oracle.credit("plan", 200, at)

    def late_plan(self, at: datetime) -> None:
        assert self.first is not None
        months = 1
        while at < self.first and (due := next_reset(at, months)) < self.first:
            if due not in self.booked:
                self.booked.add(due)
                self.oracle.credit("plan", 200, due)
            months += 1
        self.first = min(self.first, at)
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
    draws: Counter[int] = Counter()
    for draw in ledger.explain_entry(db, use.workspace_id, use.entry_no):
        draws[draw.lot_id] += draw.minutes
    return (use.unmet_minutes, use.plan_minutes, use.extra_minutes, use.thresholds, draws, use.repeated)


class Play:
    """Two workspaces to which things happen, and what the oracle says about them."""

    def __init__(self, db: Connection, *, in_batches: bool, after_each: Callable[[], None]) -> None:
        self.db, self.in_batches, self.after_each = db, in_batches, after_each
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
            key, whose, amount = self.keys[-1]
            use = {"workspace_id": self.stories[whose].workspace_id, "minutes": amount, "key": key, "at": at}
            self.waiting.append((use, whose))
        elif verb != "again":
            self.use()
            self.stories[which].now = at
            self.credit_or_void(verb, which, minutes)
            self.after_each()

    def use(self) -> None:
        """Book the waiting uses, in one batch or one by one."""
        uses = [use for use, _ in self.waiting]
        answers = ledger.track_uses(self.db, uses) if self.in_batches else [self.use_one(use) for use in uses]
        for (use, which), answer in zip(self.waiting, answers, strict=True):
            right = self.expected[which].use(use["key"], use["minutes"], use["at"])
            self.pairs.append((answer_of(self.db, answer), right))
        self.waiting.clear()

    def use_one(self, use: dict[str, Any]) -> ledger.Use:
        """Book one use."""
        answer = ledger.track_minutes(self.db, **use)
        self.after_each()
        return answer

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


def play(
    db: Connection,
    happenings: list[Happening],
    *,
    in_batches: bool,
    after_each: Callable[[], None] = lambda: None,
) -> list[tuple[Any, ...]]:
    """Let everything happen; returns (answer, expected) pairs, at last what the lots hold and what was crossed."""
    output = Play(db, in_batches=in_batches, after_each=after_each)
    for verb, which, minutes, hours in happenings:
        output.happens(verb, which, minutes, START + timedelta(hours=hours), hours)
    output.use()
    for story, says in zip(output.stories, output.expected, strict=True):
        left = {lot.lot_id: lot.remaining for lot in ledger.list_lots(db, story.workspace_id)}
        output.pairs.append((left, {lot.number: lot.left for lot in says.oracle.lots}))
        output.pairs.append((sorted(story.crossed()), sorted(says.crossed)))
    return output.pairs
