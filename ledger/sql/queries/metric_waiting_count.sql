-- As many as metric_waiting lists.
SELECT count(*) FROM (
    SELECT r.* FROM (
/* rows */
    ) r
    WHERE r.pending AND r.paid_at IS NULL
    OFFSET 0
) q
WHERE (CAST(:plan AS text) IS NULL OR q.plan = :plan)
  AND (CAST(:billing_cycle AS text) IS NULL OR q.billing_cycle = :billing_cycle)
