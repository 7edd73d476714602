"""No statement of the product is of a kind that a cluster refuses, but for those listed here with their reason.

Each kind is tried on the statement that a cluster refused, as it once stood in the product.
"""

import pytest

from tests.spread.rules import Known, broken
from tests.spread.sources import inside, known, statements

ALLOWED = {
    (
        "queries: export_entries",
        "table-reading functions called per row",
    ): "an export since a time runs on one server",
    (
        "queries: verify_sealed_rows",
        "local x spread joins",
    ): "each side is read whole first; it ran on a cluster",
    (
        "functions/transfer/refuse_undo.sql",
        "table-reading functions called per row",
    ): "an import that added to workspaces, and so its undo, runs on one server",
    (
        "functions/seals/undo_seals_of_additions.sql",
        "local x spread joins",
    ): "an import that added to workspaces, and so its undo, runs on one server",
}
ONLY_ON_ONE_SERVER = ("queries: transfer_", "metrics: webhook-lag")
"""Imports join staged rows with the ledger: import first, then distribute. Events of Stripe stay with the coordinator."""

SCHEMA = Known(
    {
        **dict.fromkeys(
            ("entries", "workspace_minutes", "stored_lots", "lots", "workspaces", "use_batches"), "spread"
        ),
        **dict.fromkeys(("usage_alerts", "extra_minutes_purchases", "rollup_work", "hits"), "spread"),
        **dict.fromkeys(("stripe_events", "pricing_snapshots", "pricing_readings"), "local"),
        **dict.fromkeys(("pricing_scenarios", "plans"), "reference"),
    },
    frozenset(
        {"entry_as_of", "returned_cents", "raise_use_refusal", "timed_epochs", "next_lot", "due_periods"}
    ),
)
REFUSED = {
    "0024 entries, 0026 workspace_minutes": (
        "CREATE TABLE entries (workspace_id text, CONSTRAINT entries_are_sound CHECK (entry_is_sound(entries)))",
        "whole-row references",
    ),
    "record_use.sql": (
        "UPDATE workspace_minutes w SET recorded_at = greatest(w.recorded_at, clock_timestamp()) WHERE w.workspace_id = $1",
        "volatile functions in UPDATE",
    ),
    "next_lot.sql": (
        "CREATE FUNCTION next_lot(p_id text) RETURNS TABLE (lot_id bigint) LANGUAGE sql STABLE AS $$ "
        "SELECT l.lot_id FROM stored_lots l WHERE l.workspace_id = p_id AND l.open ORDER BY l.lot_id LIMIT 1; $$",
        "SQL-language functions with arguments over spread tables",
    ),
    "timed_epochs of pricing_history.sql and pricing_choices.sql": (
        "CREATE FUNCTION timed_epochs(p_first text, p_last text) RETURNS TABLE (id text) LANGUAGE sql AS $$ "
        "SELECT l.workspace_id FROM lots l WHERE l.workspace_id BETWEEN p_first AND p_last $$",
        "SQL-language functions with arguments over spread tables",
    ),
    "record_uses.sql, its setting": ("SET plan_cache_mode = force_generic_plan", "forced generic plans"),
    "record_uses.sql, the refusals": (
        "SELECT 1 FROM unnest($1::text[], $2::text[]) AS u (workspace_id, key) "
        "WHERE NOT EXISTS (SELECT 1 FROM entries e WHERE e.workspace_id = u.workspace_id AND e.key = u.key)",
        "correlated subqueries with unnest",
    ),
    "sources.sql": (
        "SELECT s.source FROM unnest(ARRAY['live', 'demo']) AS s (source) "
        "WHERE EXISTS (SELECT 1 FROM workspaces w WHERE w.source = s.source)",
        "correlated subqueries with unnest",
    ),
    "balance_as_of.sql": (
        "SELECT n.no FROM workspace_minutes w CROSS JOIN LATERAL (SELECT entry_as_of(w.workspace_id, 'booked', $1) AS no) n",
        "table-reading functions called per row",
    ),
    "arppu.sql": (
        "SELECT returned_cents(p.workspace_id, p.purchase_id, $1) FROM extra_minutes_purchases p",
        "table-reading functions called per row",
    ),
    "metric_rows.sql": (
        "SELECT q.* FROM (SELECT w.workspace_id, w.created_at AS at FROM workspaces w) q ORDER BY q.at DESC, q",
        "ordering by a row",
    ),
    "rollup_sign.sql": (
        "UPDATE rollup_work r SET signature = coalesce((SELECT max(concat_ws('|', p.purchase_id)) "
        "FROM extra_minutes_purchases p WHERE p.workspace_id = r.workspace_id), '')",
        "stable functions in COALESCE or CASE of UPDATE",
    ),
    "verify_purchases.sql": (
        "SELECT p.purchase_id FROM extra_minutes_purchases p WHERE NOT EXISTS "
        "(SELECT 1 FROM stripe_events w WHERE w.object_id IN (p.payment_intent, p.charge))",
        "local x spread joins",
    ),
    "pricing_snapshots_prune.sql": (
        "DELETE FROM pricing_snapshots s WHERE NOT EXISTS "
        "(SELECT 1 FROM pricing_scenarios c WHERE c.snapshot ->> 'source' = s.source)",
        "local x spread joins",
    ),
    "crossings_waiting.sql": (
        "SELECT count(*) FROM (SELECT FROM usage_alerts LIMIT 10) p",
        "empty select lists",
    ),
    "due_lots, a row of a spread table": (
        "SELECT d.due FROM workspace_minutes w CROSS JOIN LATERAL due_periods(w, $1) d",
        "whole-row references",
    ),
}


def test_no_statement_of_the_product_is_of_a_kind_that_a_cluster_refuses() -> None:
    schema = known()
    faults = {
        (place, kind)
        for place, script, is_view in statements()
        if not place.startswith(ONLY_ON_ONE_SERVER)
        for kind in broken(script, schema, is_view=is_view)
    }

    assert sorted(faults - ALLOWED.keys()) == []
    assert sorted(ALLOWED.keys() - faults) == []


@pytest.mark.parametrize("place", REFUSED)
def test_each_kind_is_named_in_the_statement_that_was_refused(place: str) -> None:
    script, kind = REFUSED[place]

    assert kind in list(broken(script, SCHEMA))


def test_a_view_may_not_compare_by_a_simple_case() -> None:
    view = "CREATE VIEW hits AS SELECT CASE w.source WHEN 'live' THEN 1 ELSE 0 END AS live FROM workspaces w"

    assert list(broken(view, SCHEMA, is_view=True)) == ["simple CASE"]
    assert (
        list(
            broken(
                view.replace("CASE w.source WHEN 'live'", "CASE WHEN w.source = 'live'"), SCHEMA, is_view=True
            )
        )
        == []
    )


def test_statements_inside_functions_are_read_too() -> None:
    function = (
        "CREATE FUNCTION f(p_id text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN "
        "UPDATE workspace_minutes w SET recorded_at = clock_timestamp() WHERE w.workspace_id = p_id; END $$;"
    )

    faults = [kind for inner in inside(function) for kind in broken(inner, SCHEMA)]

    assert faults == ["volatile functions in UPDATE"]


def test_the_mended_forms_are_accepted() -> None:
    mended = (
        "UPDATE workspace_minutes w SET recorded_at = greatest(w.recorded_at, $2) WHERE w.workspace_id = $1",
        "SELECT q.* FROM (SELECT w.workspace_id FROM workspaces w) q ORDER BY q.workspace_id",
        "SELECT count(*) FROM (SELECT 1 FROM usage_alerts LIMIT 10) p",
        "SELECT w.workspace_id FROM workspaces w WHERE w.workspace_id = ANY($1)",
        "UPDATE stripe_events e SET finished_at = clock_timestamp() WHERE e.event_id = $1",
    )

    assert [list(broken(script, SCHEMA)) for script in mended] == [[]] * len(mended)
