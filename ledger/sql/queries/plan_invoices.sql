-- name: add_invoice_line
INSERT INTO stripe_invoice_lines
    (workspace_id, invoice_id, line_no, subscription_id, price_id, plan, quantity, proration, trial, amount_cents, period_start,
     period_end, minutes, arithmetic, lot_id, moved_minutes, shortfall_minutes)
VALUES (:workspace_id, :invoice_id, :line_no, :subscription_id, CAST(:price_id AS text), CAST(:plan AS text), :quantity, :proration,
        :trial, :amount_cents, CAST(:period_start AS timestamptz), CAST(:period_end AS timestamptz), :minutes, :arithmetic,
        CAST(:lot_id AS bigint), :moved_minutes, :shortfall_minutes);

-- name: count_plan_invoices
-- Paid invoices of plans by what came of them, of the workspaces of one source.
SELECT i.outcome, count(*) AS invoices FROM stripe_invoices i JOIN workspaces w USING (workspace_id)
WHERE CASE WHEN w.source = 'demo' THEN 'sandbox' ELSE w.source END = :mode
GROUP BY i.outcome;

-- name: invoice_lots
-- The lots that an invoice has brought, those used last first.
SELECT n.line_no, n.lot_id, n.refunded_minutes, l.remaining
FROM stripe_invoice_lines n JOIN lots l ON l.workspace_id = n.workspace_id AND l.lot_id = n.lot_id
WHERE n.workspace_id = :workspace_id AND n.invoice_id = :invoice_id AND n.minutes > 0
ORDER BY l.burn_order DESC, l.lot_id DESC;

-- name: invoices_between
-- Paid invoices that gave minutes to workspaces this gateway serves, in pages by id.
SELECT i.workspace_id, i.invoice_id, i.subscription_id, i.minutes
FROM stripe_invoices i JOIN workspaces w USING (workspace_id)
WHERE CASE WHEN w.source = 'demo' THEN 'sandbox' ELSE w.source END = :mode AND i.outcome = 'lots'
  AND i.paid_at >= :since AND i.paid_at < :until
  AND (i.workspace_id, i.invoice_id) > (:after_workspace, :after_invoice)
ORDER BY i.workspace_id, i.invoice_id LIMIT :limit;

-- name: invoices_of_payments
SELECT workspace_id, invoice_id, payment_intent, currency, refunded_cents, disputed, amount_paid_cents, outcome
FROM stripe_invoices
WHERE payment_intent = ANY(CAST(:payments AS text[]));

-- name: invoices_settled
-- Which of these invoices have an outcome, and which.
SELECT o.object_id AS invoice_id, i.workspace_id, i.outcome, i.because, i.amount_paid_cents
FROM (SELECT object_id, workspace_id FROM payment_objects WHERE object_id = ANY(CAST(:invoices AS text[])) OFFSET 0) o
JOIN stripe_invoices i ON i.workspace_id = o.workspace_id AND i.invoice_id = o.object_id;

-- name: lock_plan_invoice
SELECT workspace_id, invoice_id, subscription_id, payment_intent, billing_reason, currency, amount_paid_cents, paid_at, outcome,
       because, minutes, settled_minutes, refunded_cents, disputed, taken_back_minutes, shortfall_minutes, bookings
FROM stripe_invoices WHERE workspace_id = :workspace_id AND invoice_id = :invoice_id FOR UPDATE;

-- name: lots_of_plan_period
-- What lots still hold that were paid for by lines of one price, around a span of its period; those used last first.
SELECT l.lot_id, l.remaining
FROM stripe_invoice_lines n JOIN lots l ON l.workspace_id = n.workspace_id AND l.lot_id = n.lot_id
WHERE n.workspace_id = :workspace_id AND n.subscription_id = :subscription_id AND n.price_id = :price_id AND n.minutes > 0
  AND n.period_start <= :period_start AND n.period_end >= :period_end AND l.remaining > 0
ORDER BY l.burn_order DESC, l.lot_id DESC;

-- name: move_refunded_minutes
UPDATE stripe_invoice_lines SET refunded_minutes = refunded_minutes + :minutes
WHERE workspace_id = :workspace_id AND invoice_id = :invoice_id AND line_no = :line_no;

-- name: lots_paid_later
-- What lots still hold that later invoices of the workspace brought, those paid first come first.
WITH later AS MATERIALIZED (
    SELECT i.paid_at, n.invoice_id, n.line_no, n.lot_id
    FROM stripe_invoices i JOIN stripe_invoice_lines n ON n.workspace_id = i.workspace_id AND n.invoice_id = i.invoice_id
    WHERE i.workspace_id = :workspace_id AND i.paid_at > :paid_at AND i.invoice_id <> :invoice_id AND n.lot_id IS NOT NULL
)
SELECT l.lot_id, l.remaining
FROM later n JOIN lots l ON l.workspace_id = :workspace_id AND l.lot_id = n.lot_id
WHERE l.remaining > 0
ORDER BY n.paid_at, n.invoice_id, n.line_no;

-- name: note_credited_minutes
UPDATE stripe_invoices SET minutes = :minutes, settled_minutes = :settled_minutes, because = CAST(:because AS text)
WHERE workspace_id = :workspace_id AND invoice_id = :invoice_id;

-- name: open_shortfall
-- Minutes that prorations of a workspace should have taken back and that no later line has settled.
SELECT coalesce(sum(shortfall_minutes), 0)::bigint FROM stripe_invoice_lines WHERE workspace_id = :workspace_id;

-- name: plan_invoice_lines
SELECT invoice_id, line_no, price_id, plan, quantity, proration, trial, amount_cents, period_start, period_end, minutes, arithmetic,
       lot_id, moved_minutes, shortfall_minutes, refunded_minutes
FROM stripe_invoice_lines WHERE workspace_id = :workspace_id ORDER BY invoice_id, line_no;

-- name: plan_invoices
SELECT workspace_id, invoice_id, subscription_id, payment_intent, billing_reason, currency, amount_paid_cents, paid_at, outcome,
       because, minutes, settled_minutes, refunded_cents, disputed, taken_back_minutes, shortfall_minutes, bookings
FROM stripe_invoices WHERE workspace_id = :workspace_id ORDER BY paid_at DESC, invoice_id LIMIT :limit;

-- name: save_invoice_refunds
UPDATE stripe_invoices SET
    refunded_cents = :refunded_cents, disputed = :disputed, taken_back_minutes = :taken_back_minutes,
    shortfall_minutes = :shortfall_minutes, bookings = :bookings, synced_at = :at
WHERE workspace_id = :workspace_id AND invoice_id = :invoice_id;

-- name: save_plan_invoice
-- What came of a paid invoice; only an alert is ever replaced.
INSERT INTO stripe_invoices
    (workspace_id, invoice_id, subscription_id, payment_intent, billing_reason, currency, amount_paid_cents, paid_at, outcome, because,
     minutes, synced_at)
VALUES (:workspace_id, :invoice_id, :subscription_id, CAST(:payment_intent AS text), CAST(:billing_reason AS text), :currency,
        :amount_paid_cents, :paid_at, :outcome, CAST(:because AS text), :minutes, :at)
ON CONFLICT (workspace_id, invoice_id) DO UPDATE SET
    outcome = EXCLUDED.outcome, because = EXCLUDED.because, minutes = EXCLUDED.minutes, synced_at = EXCLUDED.synced_at
WHERE stripe_invoices.outcome = 'alert';

-- name: trial_given
SELECT EXISTS (SELECT 1 FROM stripe_invoice_lines WHERE workspace_id = :workspace_id AND trial AND minutes > 0);

-- name: verify_invoices
-- Paid invoices whose lots, lines, taken or settled minutes do not add up to what was stored about them, or that settled more than
-- the workspace owed.
SELECT i.workspace_id, i.invoice_id, i.outcome, i.minutes, i.settled_minutes, i.taken_back_minutes, n.credited, n.settled, n.refunded,
       n.unlike, o.owed
FROM stripe_invoices i
CROSS JOIN LATERAL (
    SELECT coalesce(sum(n.moved_minutes) FILTER (WHERE n.minutes > 0), 0)::bigint AS credited,
           coalesce(-sum(n.shortfall_minutes) FILTER (WHERE n.minutes > 0), 0)::bigint AS settled,
           coalesce(sum(n.refunded_minutes), 0)::bigint AS refunded,
           count(*) FILTER (WHERE (n.lot_id IS NOT NULL AND n.moved_minutes IS DISTINCT FROM l.minutes)
               OR n.moved_minutes + abs(n.shortfall_minutes) <> abs(n.minutes)
               OR sign(n.shortfall_minutes) = sign(n.minutes) AND n.minutes <> 0) AS unlike
    FROM stripe_invoice_lines n LEFT JOIN lots l ON l.workspace_id = n.workspace_id AND l.lot_id = n.lot_id
    WHERE n.workspace_id = i.workspace_id AND n.invoice_id = i.invoice_id
) n
CROSS JOIN LATERAL (
    SELECT coalesce(sum(s.shortfall_minutes), 0)::bigint AS owed FROM stripe_invoice_lines s WHERE s.workspace_id = i.workspace_id
) o
WHERE i.workspace_id = ANY(:ids)
  AND ((n.credited, n.settled, n.refunded, n.unlike) IS DISTINCT FROM (i.minutes, i.settled_minutes, i.taken_back_minutes, 0::bigint)
       OR (i.settled_minutes > 0 AND o.owed < 0))
ORDER BY i.workspace_id, i.invoice_id;
