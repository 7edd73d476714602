"""Moving in and the pricing lab in the audit log: imports, the account at Stripe, going live, saved scenarios."""

from datetime import timedelta
from pathlib import Path

import ledger
from dashboard.__main__ import load_modules
from dashboard.actions.imports import JOBS, import_folders
from dashboard.clock import present
from ledger.pricing import Question, take_snapshot
from tests.audited_desk import ADA, Desk, says

WORKSPACES = b"""workspace_id,name,owner_email,since
north,North,n@x.example,2026-01-01T00:00:00Z
south,South,s@x.example,2026-01-02T00:00:00Z
"""


def test_an_import_has_lines_from_its_files_to_its_undoing(desk: Desk) -> None:
    desk.plays(ADA, "store_files", [("workspaces.csv", WORKSPACES)], key="1", line="store_files")
    folder: Path = import_folders()[0]
    says(desk.last(), sides=({}, {"files": 1}), workspace_id=None)
    assert desk.last().subject == folder.name

    answers = {"workspaces.csv": {"columns.created_at": "since"}}
    desk.plays(ADA, "answer_mapping", folder, answers, key="2", line="answer_mapping")
    says(desk.last(), workspace_id=None)
    for key, dry_run in (("3", True), ("4", False)):
        about = {"source": "sandbox", "dry_run": dry_run, "skip_refused": False}
        desk.plays(ADA, "start_import", folder, **about, key=key, line="start_import")
        JOBS.wait()
        says(desk.last(), sides=({}, {"source": "sandbox", "dry_run": dry_run}), workspace_id=None)
    (row,) = desk.shop.rows("SELECT import_id, actor FROM imports")
    assert row["actor"] == ADA.actor

    desk.plays(ADA, "undo_import", row["import_id"], key="5", line="undo_import")
    says(desk.last(), sides=({}, {"removed": 2, "restored": 0}), workspace_id=None)
    assert desk.last().subject == str(row["import_id"])


def test_reading_mapping_and_booking_an_account_have_a_line_each(desk: Desk) -> None:
    since = (present() - timedelta(days=30)).date()
    read = desk.plays(ADA, "read_stripe_account", since, None, key="1", line="read_stripe_account")
    assert desk.last().subject == str(since)
    answered = desk.plays(ADA, "answer_choices", read.details["plan"], "", key="2", line="answer_choices")
    assert desk.last().subject == str(since)
    plan, dry = answered.details["plan"], {"dry_run": True, "skip_refused": False}
    desk.plays(ADA, "start_stripe_import", plan, **dry, key="3", line="start_stripe_import")
    JOBS.wait()
    says(desk.last(), sides=({}, {"dry_run": True}), workspace_id=None)


def test_going_live_has_the_comparison_on_which_it_stands(desk: Desk) -> None:
    desk.plays(ADA, "save_old_balances", {"acme": 200}, key="1", line="save_old_balances")
    desk.plays(ADA, "compare_move_in", key="2", line="compare_move_in")
    (row,) = desk.shop.rows("SELECT comparison_id FROM move_in_comparisons")

    desk.plays(ADA, "go_live", row["comparison_id"], key="3", line="go_live")

    assert desk.last().subject == str(row["comparison_id"])
    assert desk.shop.rows("SELECT went_live_by FROM move_in_comparisons") == [{"went_live_by": ADA.actor}]


def test_a_saved_scenario_has_its_name_and_version(desk: Desk) -> None:
    load_modules()
    with ledger.reading(desk.shop.engine) as db:
        facts = take_snapshot(db, source="sandbox", at=present())
    about = {"name": "dearer", "note": "", "question": Question(facts.tariff), "taken": facts, "results": {}}

    more = {"seed": 1, "parent": None, "duplicate": False}
    saved = desk.plays(ADA, "save_scenario", **about, **more, key="1", line="save_scenario")

    says(desk.last(), sides=({}, {"name": "dearer", "version": 1}), workspace_id=None)
    assert desk.last().subject == str(saved.scenario_id)
