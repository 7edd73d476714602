-- What one person gave away alone since a moment: minutes of grants, cents of refunds.
SELECT coalesce(sum(minutes) FILTER (WHERE action IN ('grant', 'start_batch')), 0)::bigint AS minutes,
       coalesce(sum(amount_cents) FILTER (WHERE action = 'refund'), 0)::bigint AS amount_cents
FROM audit
WHERE actor = :actor AND at >= :since AND action IN ('grant', 'start_batch', 'refund')
