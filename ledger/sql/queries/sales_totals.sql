SELECT p.currency, count(*) AS purchases, CAST(sum(p.amount_cents) AS bigint) AS amount_cents
FROM extra_minutes_purchases p
WHERE p.source = :source AND p.created_at >= :start AND p.created_at < :end
  AND p.created_at <= coalesce(CAST(:as_of AS timestamptz), 'infinity')
  AND (CAST(:plan AS text) IS NULL OR CAST(:plan AS text) = coalesce((
      SELECT s.plan FROM subscriptions s
      WHERE s.workspace_id = p.workspace_id AND s.started_at <= p.created_at AND (s.ended_at IS NULL OR s.ended_at > p.created_at)
      ORDER BY s.started_at DESC, s.subscription_no DESC LIMIT 1), 'none'))
  AND (CAST(:billing_cycle AS text) IS NULL OR CAST(:billing_cycle AS text) = coalesce((
      SELECT s.billing_cycle FROM subscriptions s
      WHERE s.workspace_id = p.workspace_id AND s.started_at <= p.created_at AND (s.ended_at IS NULL OR s.ended_at > p.created_at)
      ORDER BY s.started_at DESC, s.subscription_no DESC LIMIT 1), 'none'))
  AND (cardinality(CAST(:states AS text[])) = 0 OR p.status = ANY (CAST(:states AS text[])))
  AND (cardinality(CAST(:packages AS text[])) = 0 OR p.package = ANY (CAST(:packages AS text[])))
GROUP BY p.currency ORDER BY p.currency
