"""Every writer of many rows beside every other, on the same two workspaces and in both orders: none deadlocks.

A third connection holds the first workspace until the earlier writer waits for it and the later one waits too, or is
done. A writer that locks the second workspace before the first, or another row before the balance, then deadlocks
each time and not by chance.
"""

import itertools
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

import ledger
from ledger.desk import bulk_grants
from ledger.desk.personal_data import erase_personal_data
from ledger.metrics.rollups import refresh_rollups
from ledger.minutes.workspaces import reset_due
from ledger.payments.purchases import Purchase
from ledger.seals.sealing import seal
from ledger.transfer import imports
from ledger.transfer.staging import stage
from tests.depth import rounds
from tests.shop import Shop

WAITING = text(
    "SELECT count(DISTINCT l.pid) FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
    "WHERE NOT l.granted AND a.datname = current_database()"
)
_numbers = itertools.count(1)


@dataclass
class Meeting:
    """Two workspaces of their own for two writers."""

    shop: Shop
    folder: Path
    imported: bool
    number: int = field(default_factory=lambda: next(_numbers))
    purchases: list[Purchase] = field(default_factory=list)
    import_id: UUID | None = None
    batch_id: UUID = field(default_factory=uuid4)

    def __post_init__(self) -> None:
        """Create or import both, with a plan whose next month is due."""
        self.names = [f"a{self.number}", f"b{self.number}"]
        if self.imported:
            rows = "".join(f"{name},{name},o@x.example,{self.shop.now.isoformat()}\n" for name in self.names)
            self.import_id = self.imports("workspaces", "workspace_id,name,owner_email,created_at\n" + rows)
            return
        for name in self.names:
            self.shop.signs_up(name)
        with ledger.writing(self.shop.engine) as db:
            for name in self.names:
                ledger.update_plan_allocation(
                    db, name, "starter", "monthly", key="plan", actor="test", at=self.shop.now
                )

    @property
    def at(self) -> datetime:
        """When the writers write: a month later."""
        return self.shop.now + timedelta(days=32)

    def imports(self, kind: str, content: str) -> UUID:
        """Import a file, a chunk in a transaction."""
        folder = self.folder / uuid4().hex
        folder.mkdir()
        (folder / f"{kind}.csv").write_text(content)
        plan, import_id = imports.plan_import(folder), uuid4()
        history = imports.ImportRows(
            readers=tuple(plan.readers(self.at)),
            origin=str(folder),
            mapping=plan.mapping,
            source="sandbox",
            actor="test",
            now=self.at,
        )
        about = {"source": "sandbox", "actor": "test", "now": self.at}
        with imports._own_connection(self.shop.engine) as db:
            with db.begin():
                staged = stage(db, history.readers, on_read=lambda _: None, **about)
                assert staged.to_book, staged.refusals
            imports._book(db, history, import_id, lambda *_: None, end_chunk=db.commit)
        return import_id

    def each(self, work: Callable[..., object], *, backwards: bool = False) -> None:
        """Do something for both, each in a transaction of its own."""
        for name in reversed(self.names) if backwards else self.names:
            with ledger.writing(self.shop.engine) as db:
                work(db, name)


def uses(meeting: Meeting, *, backwards: bool) -> None:
    names = meeting.names[:: -1 if backwards else 1]
    batch = [{"workspace_id": name, "key": f"u{backwards}", "minutes": 3, "at": meeting.at} for name in names]
    with ledger.writing(meeting.shop.engine) as db:
        ledger.track_uses(db, batch)


def resets(meeting: Meeting) -> None:
    with ledger.writing(meeting.shop.engine) as db:
        reset_due(db, at=meeting.at)


def lists_grants(meeting: Meeting) -> None:
    with ledger.writing(meeting.shop.engine) as db:
        requests = [bulk_grants.GrantRequest(n, name, 5) for n, name in enumerate(meeting.names, 1)]
        rows = bulk_grants.check_rows(db, requests)
        about = {"title": "outage", "reason": "outage", "needs_approval": False, "actor": "ada"}
        bulk_grants.create_batch(db, meeting.batch_id, rows, at=meeting.at, **about)


def grants(meeting: Meeting) -> None:
    with ledger.writing(meeting.shop.engine) as db:
        for row_no in (1, 2):
            bulk_grants.apply_row(db, meeting.batch_id, row_no, reason="outage", actor="ada", at=meeting.at)


def buys(meeting: Meeting) -> None:
    meeting.purchases += [meeting.shop.buys(workspace_id=name) for name in meeting.names]


def settles(meeting: Meeting) -> None:
    meeting.shop.works()


def buys_and_settles(meeting: Meeting) -> None:
    buys(meeting)
    meeting.shop.works()


def refunds(meeting: Meeting) -> None:
    for purchase in meeting.purchases[:2]:
        meeting.shop.refunds(purchase, 100)


def changes_plans(meeting: Meeting) -> None:
    more = {"key": "pro", "actor": "ada", "at": meeting.at}
    meeting.each(lambda db, name: ledger.update_plan_allocation(db, name, "pro", "annual", **more))


def imports_uses(meeting: Meeting) -> None:
    rows = "".join(f"{name},i1,2,{meeting.shop.now.isoformat()}\n" for name in meeting.names)
    meeting.imports("uses", "workspace_id,key,minutes,at\n" + rows)


def undoes(meeting: Meeting) -> None:
    assert meeting.import_id
    with ledger.writing(meeting.shop.engine) as db:
        imports.undo_import(db, meeting.import_id, actor="ada", at=meeting.at)


def erases(meeting: Meeting) -> None:
    with ledger.writing(meeting.shop.engine) as db:
        for name in meeting.names:
            erase_personal_data(db, name, at=meeting.at)


def rolls_up(meeting: Meeting) -> None:
    with ledger.writing(meeting.shop.engine) as db:
        refresh_rollups(db, at=meeting.at, sweep=True)


def seals(meeting: Meeting) -> None:
    seal(meeting.shop.engine, meeting.folder, at=meeting.at)


@dataclass(frozen=True)
class Writer:
    """A writer, and what must be there before it."""

    name: str
    writes: Callable[[Meeting], object]
    prepares: Callable[[Meeting], object] = lambda _: None


WRITERS = [
    Writer("due months", resets),
    Writer("a batch", lambda meeting: uses(meeting, backwards=False)),
    Writer("a batch backwards", lambda meeting: uses(meeting, backwards=True)),
    Writer("a bulk grant", grants, lists_grants),
    Writer("purchases that settle", settles, buys),
    Writer("refunds", refunds, buys_and_settles),
    Writer("plan changes", changes_plans),
    Writer("an import", imports_uses),
    Writer("an undone import", undoes),
    Writer("an erasure", erases),
    Writer("the daily sums", rolls_up),
    Writer("seals", seals),
]


def waits_or_ends(meeting: Meeting, writer: Future[object], waiting: int) -> None:
    """Wait until a writer waits for a lock or has ended; a busy machine gets ten seconds."""
    end = time.monotonic() + 10
    while not writer.done() and time.monotonic() < end:
        with ledger.reading(meeting.shop.engine) as db:
            if db.execute(WAITING).scalar_one() >= waiting:
                return
        time.sleep(0.002)


def refused(meeting: Meeting, writer: Writer) -> Exception | None:
    """Write; a refusal of the ledger is a good answer, and anything else is the test's failure."""
    try:
        writer.writes(meeting)
    except ledger.LedgerError as refusal:
        return refusal
    return None


def meet(meeting: Meeting, locked: str, first: Writer, second: Writer) -> None:
    """Run two writers that meet at a workspace which is locked until both are under way."""
    for writer in {first, second}:
        writer.prepares(meeting)
    with ThreadPoolExecutor(2) as threads:
        with ledger.writing(meeting.shop.engine) as holder:
            holder.execute(text("SELECT lock_workspace(:name)"), {"name": locked})
            begun = threads.submit(refused, meeting, first)
            waits_or_ends(meeting, begun, 1)
            beside = threads.submit(refused, meeting, second)
            waits_or_ends(meeting, beside, 1 if begun.done() else 2)
        for future in (begun, beside):
            future.result(timeout=30)


@pytest.mark.slow
@pytest.mark.parametrize("first", WRITERS, ids=lambda writer: writer.name)
def test_a_writer_of_many_rows_meets_every_other_and_neither_deadlocks(
    shop: Shop, tmp_path: Path, first: Writer
) -> None:
    for second in WRITERS:
        for locked in range(rounds(1, deep=2)):
            undo = undoes in {first.writes, second.writes}
            meeting = Meeting(shop, tmp_path, imported=undo)
            try:
                meet(meeting, meeting.names[locked], first, second)
            except Exception as error:
                raise AssertionError(f"{first.name} beside {second.name}, {meeting.names[locked]}") from error

    assert shop.rows("SELECT error FROM stripe_events WHERE error LIKE '%Deadlock%'") == []
    with ledger.reading(shop.engine) as db:
        assert ledger.verify(db) == []
