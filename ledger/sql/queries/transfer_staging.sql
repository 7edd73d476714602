-- name: transfer_create_staging
-- Everything that an import has read, for as long as its connection lives.
CREATE TEMPORARY TABLE import_rows (
    n bigint GENERATED ALWAYS AS IDENTITY,
    line bigint NOT NULL,
    at timestamptz,
    minutes bigint,
    duration_seconds bigint,
    booked_no bigint,
    ordinal smallint NOT NULL,
    state text NOT NULL DEFAULT 'new',
    kind text COLLATE "C" NOT NULL,
    file text NOT NULL,
    workspace_id text COLLATE "C",
    key text COLLATE "C",
    body jsonb,
    reason text,
    single boolean NOT NULL GENERATED ALWAYS AS (kind IN ('refund', 'dispute', 'closed dispute', 'invoice', 'invoice return', 'subscription', 'void', 'single use')) STORED
);

-- name: transfer_drop_staging
DROP TABLE IF EXISTS import_rows, import_plans, import_events, import_chunks;

-- name: transfer_copy_rows
COPY import_rows (file, line, kind, ordinal, workspace_id, key, at, minutes, duration_seconds, booked_no, body, reason) FROM STDIN;

-- name: transfer_analyse_rows
ANALYZE import_rows;

-- name: transfer_index_rows
-- Rows other than uses are few and looked up by key; uses are read in one order only.
CREATE INDEX import_rows_keys ON import_rows (kind, workspace_id, key) WHERE kind <> 'use';

-- name: transfer_find_owners
-- Refunds and disputes that do not say whose they are belong to the workspace of their purchase.
UPDATE import_rows r
SET workspace_id = coalesce(
    (SELECT p.workspace_id FROM import_rows p WHERE p.kind = 'purchase' AND p.key = r.body ->> 'purchase_id' LIMIT 1),
    (SELECT o.workspace_id FROM payment_objects o WHERE o.object_id = r.body ->> 'purchase_id'))
WHERE r.kind IN ('refund', 'dispute', 'closed dispute') AND r.workspace_id IS NULL AND r.reason IS NULL;

-- name: transfer_mark_repeated
-- The same row in two files, or twice in one, is booked once; the same id with other values is refused.
WITH numbered AS (
    SELECT n, row_number() OVER same AS copy, first_value(file) OVER same AS first_file, first_value(line) OVER same AS first_line,
           (at, minutes, duration_seconds, body) IS DISTINCT FROM
           (first_value(at) OVER same, first_value(minutes) OVER same, first_value(duration_seconds) OVER same, first_value(body) OVER same)
           AS differs
    FROM import_rows WHERE reason IS NULL
    WINDOW same AS (PARTITION BY kind, workspace_id, key ORDER BY n)
)
UPDATE import_rows r
SET state = 'repeated', reason = CASE WHEN d.differs THEN
    format('the same id as line %s of %s, with other values', d.first_line, d.first_file) END
FROM numbered d WHERE d.n = r.n AND d.copy > 1;

-- name: transfer_refuse_unknown
-- Rows of workspaces that neither the files nor the ledger have; an id that differs in upper and lower case only is suggested.
WITH known AS (
    SELECT workspace_id FROM import_rows WHERE kind = 'workspace' AND reason IS NULL
    UNION
    SELECT w.workspace_id FROM workspaces w WHERE w.workspace_id IN (SELECT r.workspace_id FROM import_rows r WHERE r.kind <> 'workspace')
), missing AS (
    SELECT u.workspace_id, (SELECT k.workspace_id FROM known k WHERE lower(k.workspace_id) = lower(u.workspace_id) LIMIT 1) AS alike
    FROM (SELECT DISTINCT workspace_id FROM import_rows WHERE kind <> 'workspace' AND reason IS NULL
          EXCEPT SELECT workspace_id FROM known) u
)
UPDATE import_rows r
SET reason = format('there is no workspace %s%s', coalesce(r.workspace_id, 'for this row'),
                    ' (did you mean ' || m.alike || '? set it under values.workspace_id)')
FROM missing m
WHERE m.workspace_id IS NOT DISTINCT FROM r.workspace_id AND r.kind <> 'workspace' AND r.reason IS NULL;

-- name: transfer_compare_workspaces
UPDATE import_rows r
SET state = 'booked', reason = CASE WHEN w.source <> :source THEN format('the workspace exists with source %s', w.source)
    WHEN (w.name, w.owner_email) IS DISTINCT FROM (r.body ->> 'name', r.body ->> 'owner_email')
        THEN 'the workspace exists with another name or e-mail address'
    WHEN EXISTS (
        SELECT 1 FROM jsonb_each_text(r.body -> 'attributes') g
        LEFT JOIN workspace_attributes a ON a.workspace_id = w.workspace_id AND a.key = g.key
        WHERE a.value IS DISTINCT FROM g.value) THEN 'the workspace has other attributes: set them on the workspace' END
FROM workspaces w
WHERE r.kind = 'workspace' AND w.workspace_id = r.workspace_id AND r.reason IS NULL AND r.state = 'new';

-- name: transfer_compare_uses
UPDATE import_rows r
SET state = 'booked', reason = CASE
    WHEN (e.minutes, e.duration_seconds) IS DISTINCT FROM (r.minutes, r.duration_seconds)
        THEN format('booked before with %s minutes; this row says %s', e.minutes, r.minutes)
    WHEN e.at <> r.at THEN format('booked before at %s; this row says %s', e.at, r.at) END
FROM entries e
WHERE r.kind IN ('use', 'single use') AND r.state = 'new' AND r.reason IS NULL
  AND e.workspace_id = r.workspace_id AND e.kind = 'use' AND key_digest(e.key) = key_digest(r.key) AND e.key = r.key;

-- name: transfer_compare_credits
-- Grants, plans, opening balances and voids: the entry of the same key.
UPDATE import_rows r
SET state = 'booked', reason = CASE
    WHEN r.kind IN ('grant', 'void') AND e.minutes <> r.minutes
        THEN format('booked before with %s minutes; this row says %s', e.minutes, r.minutes)
    WHEN r.kind <> 'opening' AND e.at <> r.at THEN format('booked before at %s; this row says %s', e.at, r.at)
    WHEN r.kind = 'plan' AND (m.body ->> 'plan', m.body ->> 'billing_cycle') <> (r.body ->> 'plan', r.body ->> 'billing_cycle')
        THEN format('booked before as %s %s', m.body ->> 'plan', m.body ->> 'billing_cycle') END
FROM entries e
JOIN idempotency_keys m ON m.workspace_id = e.workspace_id AND m.key = e.key AND m.operation = CAST(e.kind AS text)
WHERE r.kind IN ('grant', 'plan', 'opening', 'void') AND r.state = 'new' AND r.reason IS NULL
  AND e.workspace_id = r.workspace_id AND e.kind <> 'use' AND e.key = r.key
  AND CAST(e.kind AS text) = CASE r.kind WHEN 'plan' THEN 'allocation' WHEN 'opening' THEN 'allocation' ELSE r.kind END;

-- name: transfer_compare_purchases
-- The same payment of Stripe is the same purchase, whoever booked it: its webhooks may have, at a time of their own.
UPDATE import_rows r
SET state = 'booked', reason = CASE
    WHEN p.payment_intent = r.body ->> 'payment_intent' THEN NULL
    WHEN (p.amount_cents, p.currency) <> ((r.body ->> 'amount_cents')::bigint, r.body ->> 'currency')
        THEN format('booked before for %s %s', p.amount_cents, p.currency)
    WHEN p.minutes <> coalesce(r.minutes, p.minutes) THEN format('booked before with %s minutes', p.minutes)
    WHEN coalesce(p.paid_at, p.created_at) <> r.at THEN format('booked before at %s', coalesce(p.paid_at, p.created_at)) END
FROM extra_minutes_purchases p
WHERE r.kind = 'purchase' AND r.state = 'new' AND r.reason IS NULL AND p.workspace_id = r.workspace_id
  AND (p.key = 'import:' || r.key OR CAST(p.purchase_id AS text) = r.key);

-- name: transfer_compare_periods
-- Monthly periods that the ledger has booked: as resets, or stated as a plan period that goes on.
UPDATE import_rows r SET state = 'booked'
FROM lots l
WHERE r.kind IN ('reset', 'plan') AND r.state = 'new' AND r.reason IS NULL AND l.workspace_id = r.workspace_id AND l.period_start = r.at;

-- name: transfer_compare_returns
UPDATE import_rows r
SET state = 'booked', reason = CASE WHEN k.amount_cents <> (r.body ->> 'amount_cents')::bigint
    THEN format('booked before for %s', k.amount_cents) END
FROM (
    SELECT workspace_id, 'refund' AS kind, refund_id AS key, amount_cents FROM refunds
    UNION ALL
    SELECT workspace_id, 'dispute', dispute_id, amount_cents FROM disputes
    UNION ALL
    SELECT workspace_id, 'closed dispute', dispute_id, amount_cents FROM disputes WHERE closed_at IS NOT NULL
) k
WHERE r.kind = k.kind AND r.state = 'new' AND r.reason IS NULL AND k.workspace_id = r.workspace_id AND k.key = r.key;

-- name: transfer_compare_subscriptions
-- Paid invoices of plans, what went back of them, and the state of subscriptions, as a sync of Stripe may have booked them.
UPDATE import_rows r SET state = 'booked'
WHERE r.state = 'new' AND r.reason IS NULL AND CASE r.kind
    WHEN 'invoice' THEN EXISTS (SELECT 1 FROM stripe_invoices i WHERE i.workspace_id = r.workspace_id AND i.invoice_id = r.key AND i.outcome <> 'alert')
    WHEN 'invoice return' THEN EXISTS (
        SELECT 1 FROM stripe_invoices i WHERE i.workspace_id = r.workspace_id AND i.invoice_id = r.key
            AND (i.minutes + i.settled_minutes = 0 OR (i.refunded_cents, i.disputed) = ((r.body ->> 'refunded_cents')::bigint, (r.body ->> 'disputed')::boolean)))
    WHEN 'subscription' THEN EXISTS (
        SELECT 1 FROM stripe_subscriptions s WHERE s.workspace_id = r.workspace_id AND s.subscription_id = r.key
            AND (s.status, s.cancel_at_period_end, s.current_period_end) IS NOT DISTINCT FROM
                (r.body #>> '{facts,status}', (r.body #>> '{facts,cancel_at_period_end}')::boolean, (r.body #>> '{facts,period_end}')::timestamptz))
    END;

-- name: transfer_linked_customers
SELECT object_id, workspace_id FROM payment_objects WHERE object_id = ANY(CAST(:ids AS text[]));

-- name: transfer_known_workspaces
SELECT workspace_id FROM workspaces WHERE workspace_id = ANY(CAST(:ids AS text[]));

-- name: transfer_refuse_impossible
-- What the ledger could never book, each with its reason.
UPDATE import_rows r
SET reason = CASE
    WHEN r.kind = 'plan' AND NOT EXISTS (SELECT 1 FROM plans p WHERE p.plan = r.body ->> 'plan')
        THEN format('there is no plan %s: set it under values.plan, or add it to the catalogue', r.body ->> 'plan')
    WHEN r.kind = 'plan' AND EXISTS (SELECT 1 FROM workspace_minutes w WHERE w.workspace_id = r.workspace_id AND w.anchor_at > r.at)
        THEN 'the ledger has a later plan period of this workspace'
    WHEN r.kind = 'opening' AND EXISTS (SELECT 1 FROM workspace_minutes w WHERE w.workspace_id = r.workspace_id AND w.entry_no > 0)
        THEN 'the workspace has entries: an opening balance comes first'
    WHEN r.kind IN ('refund', 'dispute', 'closed dispute') AND NOT EXISTS (
            SELECT 1 FROM import_rows p WHERE p.kind = 'purchase' AND p.workspace_id = r.workspace_id
                AND p.key = r.body ->> 'purchase_id' AND p.reason IS NULL)
        AND NOT EXISTS (SELECT 1 FROM extra_minutes_purchases p WHERE p.workspace_id = r.workspace_id
                AND (p.key = 'import:' || (r.body ->> 'purchase_id') OR CAST(p.purchase_id AS text) = r.body ->> 'purchase_id'))
        THEN format('there is no purchase %s of this workspace', r.body ->> 'purchase_id')
    WHEN r.kind = 'purchase' AND (r.body ->> 'amount_cents')::bigint NOT BETWEEN 1 AND 99999999
        THEN 'a purchase costs more than nothing'
    END
WHERE r.kind IN ('plan', 'opening', 'refund', 'dispute', 'closed dispute', 'purchase') AND r.state = 'new' AND r.reason IS NULL;

-- name: transfer_refuse_before_opening
-- Periods before an opening balance give nothing, and what was used or bought then is in the balance already.
UPDATE import_rows r SET reason = format('before the opening balance of %s', o.at)
FROM import_rows o
WHERE o.kind = 'opening' AND o.reason IS NULL AND o.workspace_id = r.workspace_id AND r.at < o.at
  AND r.kind NOT IN ('workspace', 'plan', 'opening') AND r.state = 'new' AND r.reason IS NULL;

-- name: transfer_refuse_excess
-- Refunds that add up to more than was paid: those from which on they do.
WITH added AS (
    SELECT r.n, sum((r.body ->> 'amount_cents')::bigint) OVER (PARTITION BY r.workspace_id, r.body ->> 'purchase_id' ORDER BY r.at, r.n) AS total,
           (p.body ->> 'amount_cents')::bigint AS paid
    FROM import_rows r
    JOIN import_rows p ON p.kind = 'purchase' AND p.workspace_id = r.workspace_id AND p.key = r.body ->> 'purchase_id'
    WHERE r.kind = 'refund' AND r.reason IS NULL AND p.reason IS NULL AND 'repeated' NOT IN (r.state, p.state)
      AND coalesce(r.body ->> 'status', 'succeeded') NOT IN ('failed', 'canceled')
)
UPDATE import_rows r SET reason = format('refunds add up to %s of %s that were paid', a.total, a.paid)
FROM added a WHERE a.n = r.n AND a.total > a.paid;

-- name: transfer_move_early_returns
-- Money can't go back before it came: clocks of two systems differ.
UPDATE import_rows r SET at = p.at
FROM import_rows p
WHERE r.kind IN ('refund', 'dispute', 'closed dispute') AND p.kind = 'purchase' AND p.workspace_id = r.workspace_id
  AND p.key = r.body ->> 'purchase_id' AND r.at < p.at AND r.reason IS NULL AND p.reason IS NULL;

-- name: transfer_refusals
-- A line of which two rows are made, as a dispute that has ended, is listed once.
SELECT DISTINCT file, line, reason FROM import_rows WHERE reason IS NOT NULL ORDER BY file, line, reason;

-- name: transfer_counts
-- What each file brings: rows by what becomes of them, and the sums of those that are new.
SELECT file, kind, count(*) AS rows,
       count(*) FILTER (WHERE state IN ('new', 'renewal') AND reason IS NULL) AS to_book,
       count(*) FILTER (WHERE state = 'booked' AND reason IS NULL) AS booked_before,
       count(*) FILTER (WHERE state = 'repeated' AND reason IS NULL) AS repeated,
       count(*) FILTER (WHERE reason IS NOT NULL) AS refused,
       coalesce(sum(minutes) FILTER (WHERE state = 'new' AND reason IS NULL), 0)::bigint AS minutes,
       min(at) FILTER (WHERE reason IS NULL) AS first_at, max(at) FILTER (WHERE reason IS NULL) AS last_at
FROM import_rows WHERE state <> 'derived' GROUP BY file, kind ORDER BY min(ordinal), file;

-- name: transfer_money
-- Money that came and went; purchases that were never paid have none.
SELECT kind, coalesce(body ->> 'currency', '') AS currency, sum((body ->> 'amount_cents')::bigint)::bigint AS amount_cents, count(*) AS rows
FROM import_rows
WHERE kind IN ('purchase', 'refund', 'dispute') AND state = 'new' AND reason IS NULL AND (kind <> 'purchase' OR body ? 'paid_at')
GROUP BY 1, 2 ORDER BY 1, 2;
