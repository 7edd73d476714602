-- name: attention
-- What waits for support, by kind, the most urgent of each first, with how many there are: disputes to answer by their deadline,
-- payments that failed since :since and that nothing paid later has made up for, and payments held back.
(SELECT 'disputes' AS kind, a.workspace_id, w.name, a.object_id, a.at, a.due_at, d.amount_cents, d.currency,
        d.reason AS detail, count(*) OVER () AS cases, count(a.due_at) FILTER (WHERE a.due_at < :soon) OVER () AS due_soon
 FROM payment_alerts a
 LEFT JOIN (
     SELECT n.workspace_id, n.name FROM workspaces n
     WHERE n.workspace_id IN (SELECT o.workspace_id FROM payment_alerts o WHERE o.closed_at IS NULL)
 ) w ON w.workspace_id = a.workspace_id
 LEFT JOIN (
     SELECT n.workspace_id, n.dispute_id, n.status, n.amount_cents, n.currency, n.reason FROM disputes n
     WHERE n.workspace_id IN (SELECT o.workspace_id FROM payment_alerts o WHERE o.closed_at IS NULL)
 ) d ON d.workspace_id = a.workspace_id AND d.dispute_id = a.object_id
 WHERE a.closed_at IS NULL AND a.kind IN ('dispute', 'inquiry') AND (d.status IS NULL OR d.status LIKE '%needs\_response')
 ORDER BY a.due_at NULLS LAST, a.at, a.alert_id LIMIT :limit)
UNION ALL
(SELECT 'failed', p.workspace_id, w.name, p.purchase_id::text, p.attempted_at, NULL, p.amount_cents, p.currency,
        p.failure_code, count(*) OVER (), 0
 FROM extra_minutes_purchases p
 JOIN workspaces w ON w.workspace_id = p.workspace_id
 WHERE p.status = 'failed' AND p.created_at >= :since
   AND NOT EXISTS (SELECT 1 FROM extra_minutes_purchases later
                   WHERE later.workspace_id = p.workspace_id AND later.paid_at >= p.created_at)
 ORDER BY p.attempted_at DESC, p.purchase_id LIMIT :limit)
UNION ALL
(SELECT 'invoices', a.workspace_id, w.name, a.object_id, a.at, NULL, NULL, NULL, a.detail, count(*) OVER (), 0
 FROM payment_alerts a LEFT JOIN (
     SELECT n.workspace_id, n.name FROM workspaces n
     WHERE n.workspace_id IN (SELECT o.workspace_id FROM payment_alerts o WHERE o.closed_at IS NULL)
 ) w ON w.workspace_id = a.workspace_id
 WHERE a.closed_at IS NULL AND a.kind = 'invoice_failed'
 ORDER BY a.at DESC, a.alert_id LIMIT :limit)
UNION ALL
(SELECT 'quarantined', a.workspace_id, w.name, a.object_id, a.at, NULL, NULL, NULL, a.detail, count(*) OVER (), 0
 FROM payment_alerts a LEFT JOIN (
     SELECT n.workspace_id, n.name FROM workspaces n
     WHERE n.workspace_id IN (SELECT o.workspace_id FROM payment_alerts o WHERE o.closed_at IS NULL)
 ) w ON w.workspace_id = a.workspace_id
 WHERE a.closed_at IS NULL AND a.kind = 'quarantined'
 ORDER BY a.at, a.alert_id LIMIT :limit);
