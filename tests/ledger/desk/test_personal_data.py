"""Personal data of one customer: an export holds all of it, and after erasure none is left."""

import json
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import Connection, text

import ledger
from ledger.database import scripts
from ledger.desk import audit, notes, personal_data
from ledger.errors import UnknownWorkspace
from ledger.payments.purchases import place_purchase, save_purchase
from tests.bystander import rows_about
from tests.databases import as_owner
from tests.stories import START, Story

CHANGED_BY_AN_IMPORT = text(
    "INSERT INTO import_changes (workspace_id, import_id, table_name, id, before, digest_after) "
    "VALUES (:workspace_id, :import_id, 'extra_minutes_purchases', '{}', CAST(:before AS jsonb), '')"
)


def _event(db: Connection, workspace_id: str, status: str) -> None:
    db.execute(
        text(
            "INSERT INTO stripe_events (event_id, type, source, livemode, received_at, delivered_by, raw, sha256, status, "
            "next_attempt_at, workspace_id) VALUES (:id, 'charge.succeeded', 'sandbox', false, now(), 'webhook', :raw, 'x', "
            ":status, CASE WHEN :status IN ('pending', 'processing', 'failed') THEN now() END, :workspace_id)"
        ),
        {
            "id": f"evt_{workspace_id}_{status}",
            "raw": b'{"name": "Mrs Acme"}',
            "status": status,
            "workspace_id": workspace_id,
        },
    )


def test_everything_is_handed_out_and_nothing_of_others(db: Connection) -> None:
    acme, other = Story(db), Story(db)
    acme.plan()
    notes.add_note(db, acme.workspace_id, UUID(int=1), "likes tea", author="sam", at=START)
    notes.add_note(db, other.workspace_id, UUID(int=1), "likes coffee", author="sam", at=START)
    _event(db, acme.workspace_id, "done")

    output = json.loads(personal_data.export_personal_data(db, acme.workspace_id))

    assert output["workspace"]["owner_email"] == "owner@example.com"
    assert [note["text"] for note in output["notes"]] == ["likes tea"]
    assert len(output["statement"]) == 1
    assert "Mrs Acme" in output["payment_events"][0]["raw"]


def test_after_erasure_the_identity_is_gone_and_the_ledger_stands(db: Connection) -> None:
    acme, other = Story(db), Story(db)
    for story in (acme, other):
        story.plan()
        notes.add_note(db, story.workspace_id, UUID(int=1), "likes tea", author="sam", at=START)
        _receipt(db, story.workspace_id)
        for status in ("done", "refused", "dead", "pending", "processing", "failed"):
            _event(db, story.workspace_id, status)
    everybody_else = rows_about(db, other.workspace_id)

    erased = personal_data.erase_personal_data(db, acme.workspace_id, at=START)

    output = personal_data.export_personal_data(db, acme.workspace_id)
    assert erased == {"identity": 1, "notes": 1, "receipts": 1, "events": 3}
    assert "owner@example.com" not in output
    assert "likes tea" not in output
    assert "receipt.example" not in output
    assert output.count("Mrs Acme") == 3  # the events that still wait keep what they need
    assert ledger.get_balance(db, acme.workspace_id).total_minutes == 200
    assert {"notes", "extra_minutes_purchases", "stripe_events"} <= everybody_else.keys()
    assert rows_about(db, other.workspace_id) == everybody_else


def _receipt(db: Connection, workspace_id: str) -> None:
    """Book a purchase with a link to its receipt."""
    purchase = place_purchase(db, workspace_id, "small", mode="sandbox", key="buy", actor="test", at=START)
    save_purchase(db, replace(purchase, receipt_url=f"https://receipt.example/{workspace_id}"))


def test_undoing_an_import_can_restore_no_receipt_of_somebody_erased(db: Connection) -> None:
    acme, other = Story(db), Story(db)
    before = {"status": "paid", "receipt_url": "https://receipt.example/1"}
    with as_owner(db):
        for story in (acme, other):
            row = {"workspace_id": story.workspace_id, "import_id": UUID(int=1), "before": json.dumps(before)}
            db.execute(CHANGED_BY_AN_IMPORT, row)

    erased = personal_data.erase_personal_data(db, acme.workspace_id, at=START)

    with as_owner(db):
        rows = db.execute(text("SELECT workspace_id, before FROM import_changes"))
        left = {row.workspace_id: row.before for row in rows}
    assert erased["receipts"] == 1
    assert left == {acme.workspace_id: before | {"receipt_url": None}, other.workspace_id: before}


def test_nobody_is_erased_who_is_not_there(db: Connection) -> None:
    with pytest.raises(UnknownWorkspace):
        personal_data.erase_personal_data(db, "gone", at=START)


NOT_EXPORTED = {
    "workspaces": "under workspace",
    "workspace_minutes": "the sums of the statement",
    "entries": "under statement",
    "stored_lots": "in the statement",
    "stored_draws": "in the statement",
    "extra_minutes_purchases": "under purchases",
    "notes": "under notes",
    "stripe_events": "under payment_events",
    "entry_seals": "digests of the statement",
    "portal_links": "hashes of addresses that open for an hour",
    "idempotency_keys": "repeats the keys of the statement",
    **dict.fromkeys(
        (
            *(
                "rollup_marks",
                "monthly_usage_cache",
                "usage_by_epoch",
                "unmet_days",
                "lot_days",
                "balance_days",
            ),
            "workspace_days",
        ),
        "sums of the statement",
    ),
    **dict.fromkeys(("use_batches", "rollup_work", "import_before"), "emptied within one transaction"),
    "import_additions": "numbers of entries in the statement",
    "import_changes": "rows of the tables above, as they were before an import",
}


def test_every_table_about_a_workspace_is_exported_or_repeats_what_is(db: Connection) -> None:
    tables = db.execute(
        text(
            "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'workspace_id' "
            "WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace"
        )
    ).scalars()
    exported = {scripts()[f"export_{part}"].split(" FROM ")[1].split()[0] for part in personal_data.PARTS}

    assert set(tables) == exported | NOT_EXPORTED.keys()


def test_refunds_alerts_and_audit_lines_of_one_customer_are_exported_and_none_of_others(
    db: Connection,
) -> None:
    acme, other = Story(db), Story(db)
    for story in (acme, other):
        story.plan()
        story.uses(200)
        audit.record(
            db, actor="sam", role="support", action="grant", at=START, request_id=story.workspace_id,
            workspace_id=story.workspace_id, reason=f"for {story.workspace_id}",
        )  # fmt: skip

    export = json.loads(personal_data.export_personal_data(db, acme.workspace_id))

    assert [line["reason"] for line in export["audit"]] == [f"for {acme.workspace_id}"]
    assert {alert["kind"] for alert in export["alerts"]} >= {"used_80", "used_90", "used_100", "limit_hit"}
    assert other.workspace_id not in json.dumps(export)
