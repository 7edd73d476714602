-- name: transfer_begin_additions
SELECT begin_additions(:import_id, ARRAY(SELECT workspace_id FROM import_chunks WHERE chunk = :chunk AND existed ORDER BY 1));

-- name: transfer_end_additions
SELECT end_additions(:import_id);

-- name: transfer_make_workspaces
WITH made AS (
    INSERT INTO workspaces (workspace_id, name, owner_email, source, created_by, created_at)
    SELECT r.workspace_id, r.body ->> 'name', r.body ->> 'owner_email', :source, :actor, r.at
    FROM import_rows r JOIN import_chunks c ON c.workspace_id = r.workspace_id
    WHERE c.chunk = :chunk AND r.kind = 'workspace' AND r.state = 'new' AND r.reason IS NULL
    RETURNING workspace_id
), rows AS (
    INSERT INTO workspace_minutes (workspace_id) SELECT workspace_id FROM made
), customers AS (
    INSERT INTO payment_objects (object_id, kind, workspace_id)
    SELECT o.object_id, 'customer', m.workspace_id
    FROM made m
    JOIN import_rows r ON r.workspace_id = m.workspace_id AND r.kind = 'workspace'
    CROSS JOIN LATERAL jsonb_array_elements_text(r.body -> 'customers') AS o (object_id)
    ON CONFLICT (object_id) DO NOTHING
)
INSERT INTO imported_workspaces (workspace_id, import_id) SELECT workspace_id, :import_id FROM made;

-- name: transfer_periods_before
-- Plan periods before an opening balance: they say who had which plan, and give nothing. The one that runs on comes with the balance.
INSERT INTO subscriptions (workspace_id, subscription_no, plan, billing_cycle, managed_by, started_at, ended_at)
SELECT p.workspace_id, row_number() OVER (PARTITION BY p.workspace_id ORDER BY min(p.at)), p.plan, p.billing_cycle, 'ledger', min(p.at),
       least(max(least(coalesce(p.ended_at, p.next_at), p.next_at)), min(p.opening_at))
FROM import_plans p
JOIN import_chunks c ON c.workspace_id = p.workspace_id
WHERE c.chunk = :chunk AND p.state = 'new' AND p.at < p.opening_at
GROUP BY p.workspace_id, p.chain, p.plan, p.billing_cycle
HAVING bool_and(coalesce(least(p.ended_at, p.next_at), 'infinity') <= p.opening_at);

-- name: transfer_rounds
-- What is to be booked in each round of a chunk. set_based: rows that one statement books.
SELECT round, count(*) FILTER (WHERE kind = 'use') AS uses, count(*) FILTER (WHERE kind <> 'use' AND NOT single) AS set_based,
       count(*) FILTER (WHERE single) AS single
FROM import_events WHERE chunk = :chunk GROUP BY round ORDER BY round;

-- name: transfer_book_uses
SELECT count(*) AS booked
FROM (SELECT array_agg(workspace_id ORDER BY workspace_id, place) AS ids, array_agg(minutes ORDER BY workspace_id, place) AS minutes,
             array_agg(key ORDER BY workspace_id, place) AS keys, array_agg(at ORDER BY workspace_id, place) AS ats,
             array_agg(duration_seconds ORDER BY workspace_id, place) AS durations
      FROM import_events WHERE chunk = :chunk AND round = :round AND kind = 'use') e
CROSS JOIN LATERAL record_uses(:batch, e.ids, e.minutes, e.keys, e.ats, e.durations);

-- name: transfer_book_events
SELECT count(book_past_event(e.kind, e.workspace_id, e.key, e.at, e.minutes, e.body, :actor))
FROM import_events e
WHERE e.chunk = :chunk AND e.round = :round AND e.kind <> 'use' AND NOT e.single;

-- name: transfer_single_events
SELECT kind, workspace_id, key, at, minutes, duration_seconds, body FROM import_events
WHERE chunk = :chunk AND round = :round AND single
ORDER BY workspace_id;

-- name: transfer_note_entries
-- Up to which entry the history of each new workspace was imported.
UPDATE imported_workspaces i SET entry_no = w.entry_no
FROM import_chunks c JOIN workspace_minutes w ON w.workspace_id = c.workspace_id
WHERE c.chunk = :chunk AND i.workspace_id = c.workspace_id AND i.import_id = :import_id;

-- name: transfer_packages_to_find
SELECT body ->> 'package' AS package, minutes, (body ->> 'amount_cents')::bigint AS amount_cents, body ->> 'currency' AS currency, min(at) AS first_at
FROM import_rows WHERE kind = 'purchase' AND state = 'new' AND reason IS NULL
GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4;

-- name: transfer_set_package
UPDATE import_rows
SET minutes = :version_minutes, body = body || CAST(:version AS jsonb)
WHERE kind = 'purchase' AND state = 'new' AND reason IS NULL
  AND (body ->> 'package', minutes, (body ->> 'amount_cents')::bigint, body ->> 'currency')
      IS NOT DISTINCT FROM (CAST(:package AS text), CAST(:minutes AS bigint), CAST(:amount_cents AS bigint), CAST(:currency AS text));

-- name: transfer_refuse_package
UPDATE import_rows SET reason = :reason
WHERE kind = 'purchase' AND state = 'new' AND reason IS NULL
  AND (body ->> 'package', minutes, (body ->> 'amount_cents')::bigint, body ->> 'currency')
      IS NOT DISTINCT FROM (CAST(:package AS text), CAST(:minutes AS bigint), CAST(:amount_cents AS bigint), CAST(:currency AS text));

-- name: transfer_attributes
SELECT r.workspace_id, r.body -> 'attributes' AS attributes
FROM import_rows r JOIN import_chunks c ON c.workspace_id = r.workspace_id
WHERE c.chunk = :chunk AND r.kind = 'workspace' AND r.state = 'new' AND r.reason IS NULL AND r.body -> 'attributes' <> '{}'
ORDER BY r.workspace_id;

-- name: transfer_purchase_of
SELECT purchase_id FROM extra_minutes_purchases
WHERE workspace_id = :workspace_id AND (key = 'import:' || :purchase OR CAST(purchase_id AS text) = :purchase);

-- name: transfer_by_index
-- An import begins with empty tables, of which the planner would read every row, again and again, as they fill: all is found by key.
-- No other program hears of the past.
SELECT set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', true),
       set_config('ledger.books_the_past', 'on', true);
