SELECT p.created_at, p.workspace_id, CAST(p.purchase_id AS text) AS purchase_id, p.status, p.package, p.minutes,
       p.amount_cents, p.currency, p.refunded_cents, p.fee_cents, p.paid_at, p.taken_back_minutes, p.shortfall_minutes,
       p.failure_code, p.dispute_status, p.payment_intent, p.source
FROM extra_minutes_purchases p
WHERE p.source = :source AND p.created_at >= :start AND p.created_at < :end
  AND p.created_at <= coalesce(CAST(:as_of AS timestamptz), 'infinity')
  AND (CAST(:plan AS text) IS NULL OR CAST(:plan AS text) = plan_at(p.workspace_id, p.created_at, 'plan'))
  AND (CAST(:billing_cycle AS text) IS NULL OR CAST(:billing_cycle AS text) = plan_at(p.workspace_id, p.created_at, 'billing_cycle'))
  AND (cardinality(CAST(:states AS text[])) = 0 OR p.status = ANY (CAST(:states AS text[])))
  AND (cardinality(CAST(:packages AS text[])) = 0 OR p.package = ANY (CAST(:packages AS text[])))
ORDER BY p.created_at DESC, p.workspace_id, p.purchase_id
LIMIT :limit OFFSET :offset
