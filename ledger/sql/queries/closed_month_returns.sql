-- How often money came back of the purchases paid in a period, whenever that was.
SELECT coalesce(sum(r.n), 0)::bigint AS refunds, coalesce(sum(d.n), 0)::bigint AS disputes
FROM paid_purchases p
CROSS JOIN LATERAL (
    SELECT count(*) AS n FROM refunds f
    WHERE f.workspace_id = p.workspace_id AND f.purchase_id = p.purchase_id
      AND f.status IN ('pending', 'requires_action', 'succeeded') AND f.refunded_at <= :as_of) r
CROSS JOIN LATERAL (
    SELECT count(*) AS n FROM disputes o
    WHERE o.workspace_id = p.workspace_id AND o.purchase_id = p.purchase_id
      AND o.status = 'lost' AND coalesce(o.closed_at, o.opened_at) <= :as_of) d
WHERE p.source = :source AND p.paid_at >= :start AND p.paid_at < :end AND p.contested
  AND (CAST(:currency AS text) IS NULL OR p.currency = :currency)
