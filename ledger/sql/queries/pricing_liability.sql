-- Bought minutes not yet used at :data_to, and what was paid for them, at each lot's own price: what is left now, and what
-- left the lot on a later day. Copies are nobody's history.
WITH later AS (
    SELECT d.workspace_id, d.lot_id, sum(d.drawn + d.voided)::bigint AS minutes FROM lot_days d
    WHERE d.day::timestamp AT TIME ZONE :timezone > :data_to GROUP BY 1, 2
)
SELECT coalesce(sum(o.minutes), 0)::bigint AS minutes,
       coalesce(round(sum(o.minutes::numeric * o.amount_cents / o.bought)), 0)::bigint AS cents
FROM (
    SELECT l.remaining + coalesce(later.minutes, 0) AS minutes, p.amount_cents, p.minutes AS bought
    FROM paid_purchases p
    JOIN lots l ON l.workspace_id = p.workspace_id AND l.purchase_id = p.purchase_id
    LEFT JOIN later ON later.workspace_id = l.workspace_id AND later.lot_id = l.lot_id
    WHERE p.source = :source AND p.currency = :currency AND p.workspace_id NOT LIKE 'sim:%' AND l.acquired_at <= :data_to
) o;
