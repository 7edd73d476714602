-- name: sales
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
  AND (CAST(:attributes AS jsonb) IS NULL OR has_attributes(p.workspace_id))
ORDER BY p.created_at DESC, p.workspace_id, p.purchase_id
LIMIT :limit OFFSET :offset;

-- name: sales_totals
-- The plan of a moment is that of the subscription period around it that began last. A lookup for each purchase takes three times as
-- long as reading all periods once; without a filter they are not read.
SELECT p.currency, p.status, count(*) AS purchases, CAST(sum(p.amount_cents) AS bigint) AS amount_cents
FROM extra_minutes_purchases p
LEFT JOIN subscriptions period
    ON (CAST(:plan AS text) IS NOT NULL OR CAST(:billing_cycle AS text) IS NOT NULL)
    AND period.workspace_id = p.workspace_id
    AND period.started_at <= p.created_at AND (period.ended_at IS NULL OR period.ended_at > p.created_at)
LEFT JOIN subscriptions later
    ON later.workspace_id = period.workspace_id
    AND (later.started_at, later.subscription_no) > (period.started_at, period.subscription_no)
    AND later.started_at <= p.created_at AND (later.ended_at IS NULL OR later.ended_at > p.created_at)
WHERE p.source = :source AND p.created_at >= :start AND p.created_at < :end
  AND p.created_at <= coalesce(CAST(:as_of AS timestamptz), 'infinity')
  AND later.workspace_id IS NULL
  AND (CAST(:plan AS text) IS NULL OR coalesce(period.plan, 'none') = :plan)
  AND (CAST(:billing_cycle AS text) IS NULL OR coalesce(period.billing_cycle, 'none') = :billing_cycle)
  AND (cardinality(CAST(:states AS text[])) = 0 OR p.status = ANY (CAST(:states AS text[])))
  AND (cardinality(CAST(:packages AS text[])) = 0 OR p.package = ANY (CAST(:packages AS text[])))
  AND (CAST(:attributes AS jsonb) IS NULL OR has_attributes(p.workspace_id))
GROUP BY p.currency, p.status ORDER BY p.currency, p.status;
