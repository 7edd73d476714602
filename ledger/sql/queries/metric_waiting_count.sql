SELECT count(*) FROM (
/* rows */
) q
WHERE q.pending AND q.paid_at IS NULL
  AND (CAST(:plan AS text) IS NULL OR q.plan = :plan)
  AND (CAST(:billing_cycle AS text) IS NULL OR q.billing_cycle = :billing_cycle)
