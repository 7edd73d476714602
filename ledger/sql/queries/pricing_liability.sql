-- Bought minutes not yet used, and what was paid for them, at each lot's own price.
SELECT coalesce(sum(l.remaining), 0)::bigint AS minutes,
       coalesce(round(sum(l.remaining::numeric * p.amount_cents / p.minutes)), 0)::bigint AS cents
FROM workspaces w
JOIN lots l ON l.workspace_id = w.workspace_id AND l.open AND l.kind = 'purchase'
JOIN extra_minutes_purchases p ON p.workspace_id = l.workspace_id AND p.purchase_id = l.purchase_id
WHERE w.source = :source AND p.currency = :currency;
