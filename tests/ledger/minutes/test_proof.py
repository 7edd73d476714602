"""A proof in parts finds what one in a single go finds, in one moment, and says what it has not read."""

import json
import multiprocessing
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

import ledger
from ledger.database import writing
from ledger.desk.notes import add_note
from ledger.minutes.proof import Proof, ProverEnded, Terms, prove
from ledger.minutes.proof_notes import ForeignNotes, ProofNotes
from ledger.seals.checking import UnprovenRoot
from ledger.seals.roots import folder_of
from ledger.seals.sealing import seal
from tests.databases import as_owner, migrated_database

NOW = datetime(2026, 3, 1, tzinfo=UTC)
NOTE = UUID(int=1)
NAMES = [f"w{number}" for number in range(1, 7)]
LATE_READING = (
    "INSERT INTO closed_months (metric, source, month, currency, revision, pending, definition_version, report_timezone, as_of, "
    "computed_at, sum_of_values, sum_of_weights, row_count, facts, causes) VALUES ('conversion', 'sandbox', '2026-03-01', '', "
    "2, 0, 1, 'UTC', '2026-04-01', '2026-04-02', 0, 0, 0, '{}', '[1]')"
)
JOBS = pytest.mark.parametrize("jobs", [1, 2])


def book(engine: Engine, *names: str) -> None:
    """Make workspaces with two entries each."""
    with writing(engine) as db:
        for name in names:
            ledger.create_workspace(db, name, name=name, owner_email="o@x.example", actor="t", at=NOW)
            ledger.grant_minutes(db, name, 50, reason="outage", key="g", actor="t", at=NOW)
            ledger.track_minutes(db, name, 20, key="u", at=NOW)


@pytest.fixture(autouse=True)
def no_page_is_the_main_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a test of a page, that page is the main module, which every new process would run first."""
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))


@pytest.fixture(scope="module")
def six() -> Iterator[Engine]:
    """Six workspaces that each test leaves as it found them."""
    with migrated_database() as engine:
        book(engine, *NAMES)
        yield engine


@contextmanager
def damaged(engine: Engine, *names: str) -> Iterator[None]:
    """Within it the balance rows of these workspaces are wrong."""
    for warned in (80, 0):
        with writing(engine) as db, as_owner(db):
            change = text("UPDATE workspace_minutes SET warned = :warned WHERE workspace_id = ANY(:names)")
            db.execute(change, {"warned": warned, "names": list(names)})
        if warned:
            yield


def proof_of(engine: Engine, tmp_path: Path, *, since_root: int = 0, jobs: int = 1, **more: object) -> Proof:
    terms = Terms(None, since_root)
    return prove(engine, folder_of(tmp_path), terms, jobs=jobs, at_a_time=2, **more)  # type: ignore[arg-type]


def named(proof: Proof) -> list[str]:
    return sorted(finding.workspace_id for finding in proof.findings)


class Stopped(Exception):
    """Somebody stopped the run."""


def stop_after(parts: int) -> Callable[[str], None]:
    said: list[str] = []

    def say(line: str) -> None:
        said.append(line)
        if len(said) == parts:
            raise Stopped

    return say


@JOBS
def test_damage_is_named_once_in_every_part_and_on_both_sides_of_each_edge(
    six: Engine, tmp_path: Path, jobs: int
) -> None:
    with writing(six) as db, as_owner(db):
        db.execute(text(LATE_READING))
    with damaged(six, *NAMES):
        proof = proof_of(six, tmp_path, jobs=jobs)
    with writing(six) as db, as_owner(db):
        db.execute(text("DELETE FROM closed_months"))
    sound = proof_of(six, tmp_path)

    assert named(proof) == ["*", *NAMES]
    assert (proof.jobs, proof.entries, proof.workspaces) == (jobs, 12, 6)
    assert (sound.findings, sound.entries) == ([], 12)


@JOBS
def test_all_parts_are_of_one_moment(six: Engine, tmp_path: Path, jobs: int) -> None:
    said: list[str] = []

    def damage_the_last(_: str) -> None:
        if not said:
            with writing(six) as db, as_owner(db):
                db.execute(text("UPDATE workspace_minutes SET warned = 80 WHERE workspace_id = 'w6'"))
        said.append("a line")

    proof = proof_of(six, tmp_path, jobs=jobs, say=damage_the_last)
    with damaged(six, "w6"):
        pass

    assert (proof.findings, len(said)) == ([], 3)


def test_one_part_needs_one_process(six: Engine, tmp_path: Path) -> None:
    proof = prove(six, folder_of(tmp_path), Terms(), jobs=2, at_a_time=6)
    two = prove(six, folder_of(tmp_path), Terms(), jobs=2, at_a_time=5)

    assert (proof.jobs, two.jobs, proof.entries, two.entries) == (1, 2, 12, 12)


def test_a_process_that_dies_ends_the_proof(six: Engine, tmp_path: Path) -> None:
    def kill(_: str) -> None:
        for process in multiprocessing.active_children():
            process.kill()

    with pytest.raises(ProverEnded, match="--resume"):
        proof_of(six, tmp_path, jobs=2, say=kill)


def test_a_stopped_proof_goes_on_where_it_was_and_says_of_when_the_first_part_is(
    six: Engine, tmp_path: Path
) -> None:
    file = tmp_path / "notes"
    with damaged(six, "w2"), pytest.raises(Stopped):
        proof_of(six, tmp_path, notes=ProofNotes(file), say=stop_after(2))
    with file.open("a") as notes:
        notes.write('{"first": "w5", "la')

    with damaged(six, "w1", "w4", "w5"):
        proof = proof_of(six, tmp_path, notes=ProofNotes(file))
        anew = proof_of(six, tmp_path, notes=ProofNotes(file))

    assert named(proof) == ["w2", "w5"], "w2 was found by the first run; w1 and w4 were damaged after it"
    assert (proof.entries, proof.notes.entries, proof.notes.workspaces) == (4, 8, 4)
    assert f"as of {proof.notes.moments[0]} to {proof.notes.moments[1]}" in "\n".join(proof.lines())
    assert proof.notes.moments[1] < proof.moment
    assert (named(anew), anew.entries, file.exists()) == (["w1", "w4", "w5"], 12, False)
    assert not any("earlier run" in line for line in anew.lines())


def test_a_proof_stopped_twice_skips_only_the_parts_of_the_notes_up_to_both_their_edges(
    engine: Engine, tmp_path: Path
) -> None:
    book(engine, *NAMES)
    file = tmp_path / "notes"
    with pytest.raises(Stopped):
        proof_of(engine, tmp_path, notes=ProofNotes(file), say=stop_after(2))  # w1 to w2, w3 to w4
    book(engine, "w0", "w1a", "w2a", "w3a")
    with damaged(engine, "w0", "w1", "w1a", "w2", "w2a", "w3", "w3a", "w4", "w5"):
        with pytest.raises(Stopped):
            proof_of(engine, tmp_path, notes=ProofNotes(file), say=stop_after(1))  # w0, w2a
        second = proof_of(engine, tmp_path, notes=ProofNotes(file))

    assert named(second) == ["w0", "w2a", "w5"]
    assert (second.entries, second.notes.workspaces) == (4, 6)


def test_notes_of_another_proof_and_of_one_that_runs_are_refused(six: Engine, tmp_path: Path) -> None:
    file = tmp_path / "notes"
    with pytest.raises(Stopped):
        proof_of(six, tmp_path, notes=ProofNotes(file), say=stop_after(1))

    with pytest.raises(ForeignNotes, match="about"):
        prove(six, folder_of(tmp_path), Terms(NOW), notes=ProofNotes(file))
    with closing(ProofNotes(file)) as running:
        running.begin(*_about(file), overdue=False)
        with pytest.raises(ForeignNotes, match="still runs"):
            proof_of(six, tmp_path, notes=ProofNotes(file))


def _about(file: Path) -> tuple[str, int]:
    header = json.loads(file.read_text().splitlines()[0])
    return header["database"], header["since_root"]


def test_since_a_root_only_what_changed_is_read_and_the_proof_says_so(engine: Engine, tmp_path: Path) -> None:
    book(engine, *NAMES)
    seal(engine, tmp_path, at=NOW)
    with writing(engine) as db:
        ledger.track_minutes(db, "w2", 1, key="sealed later", at=NOW)
        add_note(db, "w3", NOTE, "likes tea", author="t", at=NOW)
    seal(engine, tmp_path, at=NOW)
    with writing(engine) as db:
        ledger.track_minutes(db, "w4", 1, key="not sealed yet", at=NOW)

    with damaged(engine, *NAMES):
        first, second = (proof_of(engine, tmp_path, since_root=number) for number in (1, 2))
        full = proof_of(engine, tmp_path)

    assert (named(first), named(second), named(full)) == (["w2", "w3", "w4"], ["w4"], NAMES)
    assert [proof.entries for proof in (first, second, full)] == [8, 3, 14]
    assert all("not read: the other workspaces" in "\n".join(proof.lines()) for proof in (first, second))
    assert not any("not read" in line for line in full.lines())
    assert list(full.lines())[-1].endswith("--since-root 2")


def test_the_next_root_is_the_last_one_before_the_earliest_part(engine: Engine, tmp_path: Path) -> None:
    book(engine, *NAMES)
    seal(engine, tmp_path, at=NOW)
    with pytest.raises(Stopped):
        proof_of(engine, tmp_path, notes=ProofNotes(tmp_path / "notes"), say=stop_after(1))
    book(engine, "w7")
    seal(engine, tmp_path, at=NOW)

    resumed = proof_of(engine, tmp_path, notes=ProofNotes(tmp_path / "notes"))

    assert list(resumed.lines())[-1].endswith("--since-root 1")


def test_a_root_that_is_not_ours_is_no_beginning(engine: Engine, tmp_path: Path) -> None:
    book(engine, *NAMES[:2])
    seal(engine, tmp_path, at=NOW)
    seal(engine, tmp_path / "elsewhere", at=NOW)
    proof_of(engine, tmp_path, since_root=1)

    with pytest.raises(UnprovenRoot, match="no root 2"):
        proof_of(engine, tmp_path, since_root=2)
    with pytest.raises(UnprovenRoot, match=r"roots\.jsonl"):
        proof_of(engine, tmp_path / "elsewhere", since_root=1)
    (tmp_path / "seals" / "public_key").write_text((tmp_path / "elsewhere/seals/public_key").read_text())
    with pytest.raises(UnprovenRoot, match="Another key"):
        proof_of(engine, tmp_path, since_root=1)
    with writing(engine) as db, as_owner(db):
        db.execute(text("UPDATE seal_roots SET leaves = leaves + 1"))
    with pytest.raises(UnprovenRoot, match=r"roots\.jsonl"):
        proof_of(engine, tmp_path, since_root=1)
