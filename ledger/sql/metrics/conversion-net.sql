-- name: Conversion net of full refunds
-- unit: percent
-- estimate: ratio
-- better: up
-- period: limit hit
-- matures: 14
-- rollup: own
-- version: 2
-- example: 42.9 percent; n 7; 15.8 to 75.0; pending 2
-- formula: as conversion, but counting only workspaces with a purchase within 14 days whose money did not go back in full
-- of: workspaces
-- counts: workspaces
SELECT r.workspace_id, r.at, r.package, r.currency, r.part,
       (r.weight = 1 AND retained.paid_at IS NOT NULL)::int AS value, r.weight, r.pending,
       r.epoch, retained.paid_at, retained.package AS bought_package, retained.minutes AS bought_minutes
FROM rows('conversion') r
LEFT JOIN LATERAL (
    SELECT p.paid_at, p.package, p.minutes FROM paid_purchases p
    WHERE p.workspace_id = r.workspace_id AND p.source = :source AND p.paid_at <= :as_of
      AND p.paid_at >= r.at AND p.paid_at < r.at + make_interval(days => :window_days)
      AND (NOT p.contested OR returned_cents(p.workspace_id, p.purchase_id, :as_of) < p.amount_cents)
    ORDER BY p.paid_at, p.purchase_id LIMIT 1) retained ON r.paid_at IS NOT NULL
