-- A number for everything about payments and plans that the metrics count and that may change without an entry.
UPDATE rollup_work r SET signature =
    coalesce((SELECT bit_xor(hashtextextended(concat_ws('|', p.purchase_id, p.source, p.status, extract(epoch FROM p.paid_at),
                  p.amount_cents, p.currency, p.minutes, p.lot_id, p.fee_cents, p.fee_currency, p.refunded_cents, p.dispute_status, p.paid_at <= :at), 1))
              FROM extra_minutes_purchases p WHERE p.workspace_id = r.workspace_id), 0)
    # coalesce((SELECT bit_xor(hashtextextended(concat_ws('|', f.refund_id, f.status, f.amount_cents, extract(epoch FROM f.refunded_at),
                  f.refunded_at <= :at), 2))
              FROM refunds f WHERE f.workspace_id = r.workspace_id), 0)
    # coalesce((SELECT bit_xor(hashtextextended(concat_ws('|', d.dispute_id, d.status, d.amount_cents, extract(epoch FROM d.opened_at),
                  extract(epoch FROM d.closed_at), coalesce(d.closed_at, d.opened_at) <= :at), 3))
              FROM disputes d WHERE d.workspace_id = r.workspace_id), 0)
    # coalesce((SELECT bit_xor(hashtextextended(concat_ws('|', s.subscription_no, s.plan, s.billing_cycle,
                  extract(epoch FROM s.started_at), extract(epoch FROM s.ended_at)), 4))
              FROM subscriptions s WHERE s.workspace_id = r.workspace_id), 0)
