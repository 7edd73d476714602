SELECT p.currency, count(*) AS purchases, CAST(sum(p.amount_cents) AS bigint) AS amount_cents
FROM extra_minutes_purchases p
WHERE p.source = :source AND p.created_at >= :start AND p.created_at < :end
  AND p.created_at <= coalesce(CAST(:as_of AS timestamptz), 'infinity')
  AND (CAST(:plan AS text) IS NULL OR CAST(:plan AS text) = plan_at(p.workspace_id, p.created_at, 'plan'))
  AND (CAST(:billing_cycle AS text) IS NULL OR CAST(:billing_cycle AS text) = plan_at(p.workspace_id, p.created_at, 'billing_cycle'))
  AND (cardinality(CAST(:states AS text[])) = 0 OR p.status = ANY (CAST(:states AS text[])))
  AND (cardinality(CAST(:packages AS text[])) = 0 OR p.package = ANY (CAST(:packages AS text[])))
GROUP BY p.currency ORDER BY p.currency
