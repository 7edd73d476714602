"""A folder of another system's files becomes a verified ledger whose numbers are those of the files."""

import csv
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

import ledger
from ledger.errors import ImportRefused, NewerEntries
from ledger.metrics import measure
from ledger.notify import EVENT_TYPES, create_endpoint
from ledger.transfer import staging
from ledger.transfer.imports import (
    ImportOutcome,
    list_imports,
    plan_import,
    run_import,
    undo_import,
    write_refusals,
)
from ledger.transfer.mapping import load_mapping, written_mapping
from ledger.transfer.proposals import answered_by
from tests.bookings import balances, contents, dies_after, in_small_portions, kill_after
from tests.databases import CHECKOUT
from tests.foreign_export import FIRST, LAST, read_export, write_export
from tests.history.figures import Figures


def imported(engine: Engine, folder: Path, **options: Any) -> ImportOutcome:
    plan = plan_import(folder, folder / "mapping.toml" if (folder / "mapping.toml").exists() else None)
    return run_import(engine, plan, **{"source": "live", "actor": "test", "now": LAST} | options)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_export(tmp_path)
    return tmp_path


def test_messy_files_become_a_verified_ledger_with_the_numbers_of_the_files(
    engine: Engine, folder: Path
) -> None:
    outcome = imported(engine, folder)
    assert (outcome.staged.refusals, outcome.findings) == ((), ())
    said = read_export(folder)
    assert balances(engine) == said.balances
    with ledger.reading(engine) as db:
        hits = {tuple(row) for row in db.execute(text("SELECT workspace_id, at, epoch FROM limit_hits"))}
        span = {"start": FIRST, "end": LAST, "as_of": LAST, "source": "live"}
        slugs = ("average-package-minutes", "unmet-minutes", "conversion")
        result = {slug: measure(db, slug, **span).value for slug in slugs}
        money = {
            (slug, each.part): each.value
            for slug in ("revenue-gross", "revenue-net", "refunds")
            for each in measure(db, slug, **span).parts
        }
        seats = text("SELECT workspace_id FROM facts.workspaces WHERE (attributes ->> 'seats')::int > 40")
        db.execute(text("RESET ROLE"))
        large = set(db.execute(seats).scalars())
    assert hits == set(said.hits)
    assert len(hits) > 10
    figures = Figures(said, FIRST, LAST, LAST)
    counted = figures.minutes() | figures.shares()
    assert result == {slug: pytest.approx(counted[slug].value, abs=0.0001) for slug in slugs}
    assert money == {
        (slug, currency): figures.money(currency)[slug].value
        for slug in ("revenue-gross", "revenue-net", "refunds")
        for currency in ("usd", "eur")
    }
    attributes = said.history.attributes
    assert large == {name for name, mine in attributes.items() if int(mine["seats"]) > 40}


def test_a_dry_run_shows_the_numbers_of_the_import_and_leaves_nothing(engine: Engine, folder: Path) -> None:
    tried = imported(engine, folder, dry_run=True)
    assert contents(engine) == []
    with ledger.reading(engine) as db:
        assert list_imports(db) == []
    booked = imported(engine, folder)
    assert [result.value for result in tried.metrics] == [result.value for result in booked.metrics]
    assert tried.staged == booked.staged


def test_the_same_files_twice_change_nothing(engine: Engine, folder: Path) -> None:
    imported(engine, folder)
    before = contents(engine)
    again = imported(engine, folder)
    assert (again.staged.to_book, again.import_id) == (0, None)
    assert contents(engine) == before


def test_nobody_is_alerted_about_the_past(engine: Engine, folder: Path) -> None:
    with ledger.writing(engine) as db:
        create_endpoint(db, "https://x.example/hook", EVENT_TYPES, actor="ada", at=datetime.now(UTC))
    imported(engine, folder)
    with ledger.reading(engine) as db:
        assert db.execute(text("SELECT count(*) > 0 FROM usage_alerts")).scalar_one()
        assert db.execute(text("SELECT count(*) FROM outgoing_events")).scalar_one() == 0


def test_a_corrected_file_says_what_differs_and_books_nothing(
    engine: Engine, folder: Path, tmp_path: Path
) -> None:
    imported(engine, folder)
    before = contents(engine)
    lines = (folder / "payments.csv").read_text().splitlines()
    place = next(number for number, line in enumerate(lines) if ",Paid,Live," in line)
    cells = lines[place].split(",")
    lines[place] = ",".join([*cells[:2], "77.00", *cells[3:]])
    (folder / "payments.csv").write_text("\n".join(lines) + "\n")
    outcome = imported(engine, folder)
    refused = [each for each in outcome.staged.refusals if each.file == "payments.csv"]
    assert [(each.line, "booked before for" in each.reason) for each in refused] == [(place + 1, True)]
    assert (outcome.import_id, contents(engine)) == (None, before)
    write_refusals(outcome.staged.refusals, tmp_path / "refused.csv")
    with (tmp_path / "refused.csv").open() as file:
        assert [row["file"] for row in csv.DictReader(file)][:1] == [outcome.staged.refusals[0].file]


def test_refused_rows_stop_the_import_unless_they_are_skipped(engine: Engine, folder: Path) -> None:
    with (folder / "calls.csv").open("a") as file:
        file.write("Acc1;c-x1;60;04.01.2026 09:30;answered\r\nacc1;c-x2;60;29.03.2026 02:30;answered\r\n")
        file.write("acc1;c-x3;60;26.10.2025 02:30;answered\r\n")
    stopped = imported(engine, folder)
    reasons = [each.reason for each in stopped.staged.refusals]
    assert stopped.import_id is None
    assert contents(engine) == []
    assert any("did you mean acc1" in reason for reason in reasons)
    assert any("does not exist in Europe/Berlin" in reason for reason in reasons)
    assert any("happens twice in Europe/Berlin" in reason for reason in reasons)
    assert imported(engine, folder, skip_refused=True).import_id is not None
    assert balances(engine).keys() == read_export_without(folder, "Acc1")


def read_export_without(folder: Path, stranger: str) -> set[str]:
    with (folder / "accounts.csv").open(encoding="utf-8-sig") as file:
        return {row["Account"] for row in csv.DictReader(file, delimiter=";")} - {stranger}


@pytest.mark.parametrize("after", [1, 30, 80])
def test_an_import_that_dies_goes_on_and_loses_and_doubles_nothing(
    engine: Engine, folder: Path, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "ROWS_A_CHUNK", 100)
    with pytest.raises(KeyboardInterrupt):
        imported(engine, folder, progress=dies_after(after))
    begun = contents(engine)
    outcome = imported(engine, folder)
    assert (outcome.staged.refusals, outcome.findings) == ((), ())
    assert balances(engine) == read_export(folder).balances
    assert len(contents(engine)) > len(begun)


@pytest.mark.slow
def test_an_import_that_is_killed_again_and_again_goes_on_with_the_same_command(
    engine: Engine, folder: Path
) -> None:
    environment = os.environ | {"DATABASE_URL": engine.url.render_as_string(hide_password=False)}
    command = in_small_portions(60, "import", str(folder))
    for workspaces in (3, 7):
        kill_after(command, environment, lambda: len(balances(engine)) >= workspaces)  # noqa: B023
        assert workspaces <= len(balances(engine)) < 12
    finished = subprocess.run(
        command, env=environment, cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert (finished.returncode, "verified" in finished.stdout) == (0, True), finished.stderr
    extra = {workspace_id: left for workspace_id, (_, left) in balances(engine).items()}
    said = read_export(
        folder
    )  # up to LAST; the command also books the monthly minutes since, which no use touches
    assert extra == {workspace_id: left for workspace_id, (_, left) in said.balances.items()}
    assert sum(row.kind == "use" for row in contents(engine)) == len(said.history.uses)


def test_an_import_is_undone_as_a_whole_and_can_be_made_again(engine: Engine, folder: Path) -> None:
    with ledger.writing(engine) as db:
        ledger.create_workspace(
            db, "older", name="Older", owner_email="o@example.com", actor="test", at=FIRST, source="live"
        )
        ledger.grant_minutes(db, "older", 5, reason="welcome", key="k", actor="test", at=FIRST)
    first = imported(engine, folder)
    entries = contents(engine)
    assert first.import_id is not None
    with ledger.writing(engine) as db:
        assert undo_import(db, first.import_id, actor="test", at=LAST) == (12, 0)
    assert [row.workspace_id for row in contents(engine)] == ["older"]
    with ledger.reading(engine) as db:
        assert ledger.verify(db) == []
        assert [past.undone_by for past in list_imports(db)] == ["test"]
        assert measure(db, "revenue-gross", start=FIRST, end=LAST, as_of=LAST, source="live").value in (
            0,
            None,
        )
    imported(engine, folder)
    assert contents(engine) == entries


def test_an_import_that_something_newer_stands_on_is_not_undone(engine: Engine, folder: Path) -> None:
    outcome = imported(engine, folder)
    assert outcome.import_id is not None
    with ledger.writing(engine) as db:
        ledger.track_minutes(db, "acc1", key="new", at=LAST)
    before = contents(engine)
    with pytest.raises(NewerEntries, match="acc1"), ledger.writing(engine) as db:
        undo_import(db, outcome.import_id, actor="test", at=LAST)
    assert contents(engine) == before


def test_monthly_minutes_that_fell_due_since_do_not_keep_an_import(engine: Engine, folder: Path) -> None:
    outcome = imported(engine, folder)
    assert outcome.import_id is not None
    with ledger.writing(engine) as db:
        ledger.reset_monthly_minutes(db, "acc1", key="later", at=datetime(2026, 5, 1, tzinfo=UTC))
        assert undo_import(db, outcome.import_id, actor="test", at=LAST) == (12, 0)


def test_open_questions_stop_an_import_and_name_the_key_to_set(engine: Engine, folder: Path) -> None:
    (folder / "mapping.toml").unlink()
    plan = plan_import(folder)
    assert any('["calls.csv"] timezone' in question for question in plan.questions)
    assert any('["calls.csv"] rounding' in question for question in plan.questions)
    with pytest.raises(ImportRefused, match="Open questions in the mapping"):
        run_import(engine, plan, source="live", actor="test", now=LAST)


def test_answers_that_name_columns_bring_the_questions_of_these_columns(folder: Path) -> None:
    (folder / "mapping.toml").unlink()
    proposals = {each.mapping.file: each for each in plan_import(folder).proposals}
    assert proposals["accounts.csv"].mapping.columns["owner_email"] == "E-Mail"
    assert proposals["b_chargebacks.csv"].mapping.unanswered == []
    named = answered_by(
        proposals["accounts.csv"],
        {"columns.name": "Firma", "columns.created_at": "Kunde seit"},
    )
    assert named.unanswered == ["timezone", "dates"]
    gift = answered_by(proposals["bonus.csv"], {"columns.key": "Bonus", "columns.reason": "welcome"})
    assert (gift.constants, gift.columns["key"], "reason" in gift.columns) == (
        {"reason": "welcome"},
        "Bonus",
        False,
    )
    assert gift.unanswered == ["timezone", "time_of_day"]
    (folder / "mapping.toml").write_text(written_mapping([named, gift]))
    read = load_mapping(folder / "mapping.toml")
    assert (read["accounts.csv"], read["bonus.csv"]) == (named, gift)


def test_a_file_of_unknown_kind_is_read_as_its_kind_once_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("workspace,id,seconds,odd\nacme,c1,61,2026-01-02 10:00\n")
    proposal = plan_import(tmp_path).proposals[0]
    assert proposal.mapping.unanswered == ["kind"]
    mapping = answered_by(proposal, {"kind": "uses"})
    assert (mapping.kind, mapping.columns["minutes"]) == ("uses", "seconds")
    assert mapping.unanswered == ["rounding", "columns.at"]
    assert answered_by(proposal, {"kind": "none"}).kind == "none"


def test_text_with_tabs_backslashes_and_line_breaks_arrives_as_it_was_written(
    engine: Engine, tmp_path: Path
) -> None:
    strange = 'Tab\there \\N and \\t, "quoted"\u00a0wide'
    with (tmp_path / "workspaces.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(("workspace_id", "name", "owner_email", "created_at", "note"))
        rows.writerow(("w1", "Acme", "o@example.com", "2026-01-01T00:00:00+00:00", strange))
    outcome = imported(engine, tmp_path)
    assert outcome.staged.refusals == ()
    with ledger.reading(engine) as db:
        stored = db.execute(text("SELECT value FROM workspace_attributes WHERE key = 'note'")).scalar_one()
    assert stored == strange
