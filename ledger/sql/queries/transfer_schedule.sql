-- name: transfer_arrange_plans
-- Plan periods of each workspace in order. A period that begins where one of the same plan and cycle ends goes on; those of one
-- chain share `chain`. on_date: all of a monthly chain begin on the ledger's own monthly dates, so that resets book them.
-- An end that lies ahead has not come yet.
CREATE TEMPORARY TABLE import_plans AS
WITH stated AS (
    SELECT n, workspace_id, at, state, body ->> 'plan' AS plan, body ->> 'billing_cycle' AS billing_cycle,
           coalesce(body ->> 'managed_by', 'ledger') AS managed_by,
           CASE WHEN (body ->> 'ended_at')::timestamptz <= :now THEN (body ->> 'ended_at')::timestamptz END AS ended_at,
           coalesce((body ->> 'last_period_given')::boolean, false) AS last_given,
           (SELECT o.at FROM import_rows o WHERE o.kind = 'opening' AND o.workspace_id = r.workspace_id AND o.reason IS NULL LIMIT 1) AS opening_at
    FROM import_rows r WHERE kind = 'plan' AND reason IS NULL AND state IN ('new', 'booked')
), linked AS (
    SELECT s.*, lead(at) OVER own AS next_at, lag(last_given) OVER own AS books_due,
           coalesce((plan, billing_cycle, managed_by, at) = (lag(plan) OVER own, lag(billing_cycle) OVER own, lag(managed_by) OVER own, lag(ended_at) OVER own)
                    AND NOT lag(last_given) OVER own, false) AS goes_on
    FROM stated s WINDOW own AS (PARTITION BY workspace_id ORDER BY at, n)
), chained AS (
    SELECT l.*, count(*) FILTER (WHERE NOT goes_on) OVER (PARTITION BY workspace_id ORDER BY at, n) AS chain FROM linked l
), dated AS (
    SELECT c.*, first_value(at) OVER mine AS anchor_at, bool_or(state = 'new') OVER (PARTITION BY workspace_id, chain) AS is_new
    FROM chained c WINDOW mine AS (PARTITION BY workspace_id, chain ORDER BY at, n)
)
SELECT d.*, d.billing_cycle = 'monthly' AND d.managed_by = 'ledger'
       AND bool_and(NOT d.goes_on OR next_reset(d.anchor_at, d.at - interval '1 month') = d.at) OVER (PARTITION BY d.workspace_id, d.chain) AS on_date
FROM dated d;

-- name: transfer_name_periods
-- What becomes of each plan period: an allocation, a reset (renewal), the plan of an opening balance, or a mere period before it.
-- Monthly periods that follow each other on other dates than the ledger's are allocations, one each, as paid invoices are.
UPDATE import_rows r
SET state = CASE
        WHEN r.state = 'booked' THEN 'booked'
        WHEN p.opening_at > p.at THEN 'before opening'
        WHEN p.goes_on AND p.on_date THEN 'renewal'
        ELSE r.state END,
    body = r.body || jsonb_build_object(
        'books_due', coalesce(p.books_due, false),
        'ended_at', p.ended_at,
        'managed_by', CASE WHEN p.billing_cycle = 'monthly' AND p.managed_by = 'ledger' AND NOT p.on_date AND p.ended_at IS NOT NULL
                           THEN 'stripe' ELSE p.managed_by END,
        'period_end', coalesce((r.body ->> 'period_end')::timestamptz, p.ended_at))
FROM import_plans p WHERE p.n = r.n;

-- name: transfer_derive_ends
INSERT INTO import_rows (file, line, kind, ordinal, workspace_id, key, at, booked_no, body, state)
SELECT r.file, r.line, 'end', 2, p.workspace_id, 'import:end:' || r.key, p.ended_at, (r.body ->> 'ended_no')::bigint, jsonb_build_object('books_due', p.last_given), 'derived'
FROM import_plans p
JOIN import_rows r ON r.n = p.n
WHERE p.ended_at IS NOT NULL AND (p.next_at IS NULL OR p.next_at > p.ended_at) AND (p.opening_at IS NULL OR p.ended_at > p.opening_at)
  AND NOT EXISTS (SELECT 1 FROM subscriptions s WHERE s.workspace_id = p.workspace_id AND s.ended_at = p.ended_at);

-- name: transfer_derive_resets
-- The monthly periods that fall due within stated plan periods, each before the uses after it. Without a file of resets only.
INSERT INTO import_rows (file, line, kind, ordinal, workspace_id, key, at, state)
SELECT '', 0, 'reset', 4, c.workspace_id, 'import:reset:' || due, due, 'derived'
FROM (
    SELECT workspace_id, min(anchor_at) AS anchor_at, greatest(min(anchor_at), min(opening_at)) AS from_at, bool_or(last_given) AS last_given,
           (array_agg(least(ended_at, next_at) ORDER BY at DESC, n DESC))[1] AS until_at
    FROM import_plans WHERE on_date AND is_new
    GROUP BY workspace_id, chain
) c
CROSS JOIN LATERAL age(coalesce(c.until_at, :now), c.anchor_at) AS lasts
CROSS JOIN LATERAL generate_series(0, CAST(12 * extract(year FROM lasts) + extract(month FROM lasts) AS integer)) AS month
CROSS JOIN LATERAL next_reset(c.anchor_at, c.anchor_at + make_interval(months => month)) AS due
WHERE due > c.from_at AND due <= :now AND (c.until_at IS NULL OR due < c.until_at OR (c.last_given AND due = c.until_at))
  AND NOT EXISTS (SELECT 1 FROM import_rows f WHERE f.kind = 'reset' AND f.state <> 'derived');

-- name: transfer_name_openings
-- The plan that runs when a balance opens goes on from it.
UPDATE import_rows r
SET body = r.body || jsonb_build_object('plan', p.plan, 'billing_cycle', p.billing_cycle, 'started_at', p.anchor_at)
FROM import_plans p
WHERE r.kind = 'opening' AND r.state = 'new' AND r.reason IS NULL AND p.workspace_id = r.workspace_id AND p.at <= r.at
  AND (p.ended_at IS NULL OR p.ended_at > r.at) AND (p.next_at IS NULL OR p.next_at > r.at);

-- name: transfer_chunks
-- Workspaces in portions of about :rows rows, each booked whole: the history of a workspace is there, or nothing of it.
CREATE TEMPORARY TABLE import_chunks AS
SELECT workspace_id, rows, CAST(floor((sum(rows) OVER (ORDER BY workspace_id) - rows) / CAST(:rows AS bigint)) AS integer) AS chunk,
       EXISTS (SELECT 1 FROM workspaces w WHERE w.workspace_id = c.workspace_id) AS existed
FROM (SELECT workspace_id, count(*) AS rows FROM import_rows
      WHERE state IN ('new', 'derived', 'before opening') AND reason IS NULL GROUP BY 1) c;

-- name: transfer_events
-- Every row to book in business order. round: how many rows other than uses come before it, or with it, in its workspace, so that
-- all uses between two credits are one batch. Files of another ledger state the order of booking; its ends come after their number.
CREATE TEMPORARY TABLE import_events AS
SELECT r.n, r.kind, r.workspace_id, r.key, r.at, r.minutes, r.duration_seconds, r.body, r.single, c.chunk,
       count(*) FILTER (WHERE r.kind <> 'use') OVER own AS round, row_number() OVER own AS place
FROM import_rows r
JOIN import_chunks c ON c.workspace_id = r.workspace_id
WHERE r.state IN ('new', 'derived') AND r.reason IS NULL AND r.kind <> 'workspace'
WINDOW own AS (PARTITION BY r.workspace_id ORDER BY r.booked_no NULLS LAST, r.kind = 'end' AND r.booked_no IS NOT NULL, r.at, r.ordinal, r.key, r.n);

-- name: transfer_index_events
CREATE INDEX import_events_chunk ON import_events (chunk, round);

-- name: transfer_analyse_events
ANALYZE import_events;

-- name: transfer_chunk_sizes
SELECT chunk, CAST(sum(rows) AS bigint) AS rows, count(*) AS workspaces, count(*) FILTER (WHERE NOT existed) AS new_workspaces
FROM import_chunks GROUP BY chunk ORDER BY chunk;

-- name: transfer_older_workspaces
SELECT count(*) FROM import_chunks WHERE existed;

-- name: transfer_late_rows
-- Rows older than what the ledger holds of their workspace: they are booked now, as late uses are.
SELECT count(*) FROM import_rows r
JOIN workspace_minutes w ON w.workspace_id = r.workspace_id
WHERE r.state = 'new' AND r.reason IS NULL AND r.kind NOT IN ('workspace', 'plan') AND r.at < w.latest_at;
