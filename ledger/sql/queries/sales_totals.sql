-- The plan of a moment is that of the spell around it that began last. A lookup for each purchase takes three times as
-- long as reading all spells once; without a filter they are not read.
SELECT p.currency, count(*) AS purchases, CAST(sum(p.amount_cents) AS bigint) AS amount_cents
FROM extra_minutes_purchases p
LEFT JOIN subscriptions spell
    ON (CAST(:plan AS text) IS NOT NULL OR CAST(:billing_cycle AS text) IS NOT NULL)
    AND spell.workspace_id = p.workspace_id
    AND spell.started_at <= p.created_at AND (spell.ended_at IS NULL OR spell.ended_at > p.created_at)
LEFT JOIN subscriptions later
    ON later.workspace_id = spell.workspace_id
    AND (later.started_at, later.subscription_no) > (spell.started_at, spell.subscription_no)
    AND later.started_at <= p.created_at AND (later.ended_at IS NULL OR later.ended_at > p.created_at)
WHERE p.source = :source AND p.created_at >= :start AND p.created_at < :end
  AND p.created_at <= coalesce(CAST(:as_of AS timestamptz), 'infinity')
  AND later.workspace_id IS NULL
  AND (CAST(:plan AS text) IS NULL OR coalesce(spell.plan, 'none') = :plan)
  AND (CAST(:billing_cycle AS text) IS NULL OR coalesce(spell.billing_cycle, 'none') = :billing_cycle)
  AND (cardinality(CAST(:states AS text[])) = 0 OR p.status = ANY (CAST(:states AS text[])))
  AND (cardinality(CAST(:packages AS text[])) = 0 OR p.package = ANY (CAST(:packages AS text[])))
GROUP BY p.currency ORDER BY p.currency
