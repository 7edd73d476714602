-- Refunds asked for before a moment whose outcome is still unknown, of the workspaces this gateway serves.
SELECT r.workspace_id, r.purchase_id, r.refund_no, r.key, r.amount_cents, r.held_minutes, r.status, r.refund_id, r.error,
       r.actor, r.reason, r.at
FROM refund_requests r
JOIN extra_minutes_purchases p ON p.workspace_id = r.workspace_id AND p.purchase_id = r.purchase_id
WHERE r.status = 'asked' AND r.at <= :before
  AND CASE p.source WHEN 'demo' THEN 'sandbox' ELSE p.source END = :mode
ORDER BY r.at LIMIT :limit;
