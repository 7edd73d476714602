"""Prove a large ledger: several processes in one snapshot, resumable, and from a signed root on."""

from __future__ import annotations

import signal
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import chain, islice
from multiprocessing import get_context
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, NamedTuple

from ledger.database import connect, query, reading
from ledger.errors import LedgerError
from ledger.minutes.findings import finding_of
from ledger.minutes.proof_notes import ProofNotes
from ledger.minutes.verify import (
    AT_A_TIME,
    CHECKS,
    Known,
    Proven,
    batches,
    everybody,
    verify_company,
    verify_workspaces,
)
from ledger.seals.checking import differences_outside, require_signed_root

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime
    from multiprocessing.connection import Connection as Line
    from multiprocessing.context import SpawnProcess
    from pathlib import Path

    from sqlalchemy import Connection, Engine

    from ledger.minutes.findings import Finding
    from ledger.seals.roots import Root

Part = list[Known] | str
"""Some workspaces, or one of the checks beside them."""


class ProverEnded(LedgerError):
    """A process of the proof has ended before it was done."""

    code = "prover_ended"


class Terms(NamedTuple):
    """What is to be proved: `at` as in `verify`; `since_root`: the root whose workspaces are left out, 0 for none."""

    at: datetime | None = None
    since_root: int = 0

    def prove(self, db: Connection, part: Part) -> Proven:
        """Return what one part gives."""
        if isinstance(part, str):
            return Proven(list(verify_company(db, part, self.at, since_root=self.since_root)))
        return verify_workspaces(db, part, self.at)


@dataclass(kw_only=True)
class Proof:
    """What was proved. Times of the parts that an earlier run had proved are in `notes`."""

    moment: datetime
    root_no: int
    since: Root | None
    notes: ProofNotes
    jobs: int = 1
    seconds: float = 0.0
    workspaces: int = 0
    entries: int = 0
    findings: list[Finding] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """Yield, for people, what was proved and what was not."""
        since, notes = self.since, self.notes
        only = f", all that changed since root {since.root_no} of {since.sealed_at}" if since else ""
        yield f"replayed {self.entries:,} entries of {self.workspaces:,} workspaces{only}, as of {self.moment}"
        rate = self.entries / max(self.seconds, 0.001)
        yield f"{rate:,.0f} entries a second, {rate / self.jobs:,.0f} in each process ({self.jobs})"
        if notes.parts:
            first, last = notes.moments
            yield (
                f"an earlier run replayed {notes.entries:,} entries of {notes.workspaces:,} workspaces, as of {first} "
                f"to {last}: what changed in them since then is not proved"
            )
        if since:
            yield (
                f"not read: the other workspaces, and what root {since.root_no} and those before it cover of payments, "
                "people and settings; without --since-root everything is proved"
            )
        if root_no := min([self.root_no, *notes.root_nos]):
            yield f"what changes from now on: verify --since-root {root_no}"


def prove(
    engine: Engine,
    folder: Path,
    terms: Terms,
    *,
    jobs: int = 1,
    notes: ProofNotes | None = None,
    say: Callable[[str], object] = lambda _: None,
    at_a_time: int = AT_A_TIME,
) -> Proof:
    """Prove the ledger and its seals against the roots in `folder`, everything in one snapshot.

    `jobs`: processes; one suffices for a single batch of `at_a_time` workspaces. `say` receives the progress.
    Raises UnprovenRoot, ProverEnded, and ForeignNotes when `notes` are about something else.
    """
    notes = notes or ProofNotes()
    with closing(notes), reading(engine) as db:
        db.execute(query("verify_without_limits"))
        about = db.execute(query("verify_moment")).one()
        notes.begin(about.database, terms.since_root, overdue=terms.at is not None)
        since = require_signed_root(db, folder, terms.since_root) if terms.since_root else None
        proof = Proof(moment=about.moment, root_no=about.root_no or 0, since=since, notes=notes)
        due = (each for each in _workspaces(db, terms) if not notes.covers(each.workspace_id))
        first = list(islice(due, at_a_time + 1))
        proof.jobs = jobs if len(first) > at_a_time else 1
        parts = chain[Part](CHECKS, batches(chain(first, due), at_a_time))
        begun = time.monotonic()
        for part, proven in _proven(engine, db, terms, proof.jobs, parts):
            proof.findings += proven.findings
            proof.seconds = time.monotonic() - begun
            if not isinstance(part, str):
                proof.workspaces += len(part)
                proof.entries += proven.entries
                notes.add(part, proven, proof.moment, proof.root_no)
                say(f"up to {part[-1].workspace_id}: {proof.entries:,} entries replayed")
        proof.findings += notes.findings
        proof.findings += [finding_of("seals", *broken) for broken in differences_outside(db, folder)]
        notes.end()
    return proof


def _workspaces(db: Connection, terms: Terms) -> Iterator[Known]:
    if not terms.since_root:
        yield from everybody(db)
        return
    options = {"stream_results": True, "yield_per": AT_A_TIME}
    changed = query("verify_changed_workspaces")
    for row in db.execute(changed, {"since_root": terms.since_root}, execution_options=options):
        yield Known(row.workspace_id, row.known)


def _proven(
    engine: Engine, db: Connection, terms: Terms, jobs: int, parts: Iterable[Part]
) -> Iterator[tuple[Part, Proven]]:
    if jobs == 1:
        yield from ((part, terms.prove(db, part)) for part in parts)
        return
    snapshot = db.execute(query("verify_share_snapshot")).scalar_one()
    with _provers(jobs, engine.url.render_as_string(hide_password=False), snapshot, terms) as idle:
        try:
            yield from _shared_out(parts, idle)
        except (EOFError, ConnectionError):
            raise ProverEnded("With --resume, the same command goes on from here.") from None


def _shared_out(parts: Iterable[Part], idle: list[Line]) -> Iterator[tuple[Part, Proven]]:
    """Yield what the processes at the end of these lines answer, each with one part at a time."""
    busy: dict[Line, Part] = {}
    for part in parts:
        if not idle:
            yield from _answers(busy, idle)
        line = idle.pop()
        line.send(part)
        busy[line] = part
    while busy:
        yield from _answers(busy, idle)


def _answers(busy: dict[Line, Part], idle: list[Line]) -> Iterator[tuple[Part, Proven]]:
    ready = wait(list(busy))
    for line in [each for each in busy if each in ready]:
        proven = line.recv()
        idle.append(line)
        yield busy.pop(line), proven


@contextmanager
def _provers(jobs: int, url: str, snapshot: str, terms: Terms) -> Iterator[list[Line]]:
    """Start `jobs` processes that see one snapshot, and end them."""
    context = get_context("spawn")
    processes: list[SpawnProcess] = []
    lines: list[Line] = []
    try:
        for _ in range(jobs):
            ours, theirs = context.Pipe()
            processes.append(
                context.Process(target=_prover, args=(theirs, url, snapshot, terms), daemon=True)
            )
            processes[-1].start()
            theirs.close()
            lines.append(ours)
        yield list(lines)
    finally:
        for process in processes:
            process.terminate()
            process.join()


def _prover(line: Line, url: str, snapshot: str, terms: Terms) -> None:
    """Prove the parts that come over the line, until it is closed: also when the other process was killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the other process stops this one
    engine = connect(url, pool_size=1)
    with reading(engine) as db:
        db.exec_driver_sql(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
        db.execute(query("verify_without_limits"))
        while True:
            try:
                part = line.recv()
                line.send(terms.prove(db, part))
            except (EOFError, BrokenPipeError, ConnectionResetError):
                return
