-- name: Conversion per limit hit
-- unit: percent
-- estimate: ratio
-- better: up
-- period: limit hit
-- matures: 14
-- rollup: own
-- repeats: yes
-- version: 1
-- example: 50.0 percent; n 8; 21.5 to 78.5; pending 3
-- formula: of all limit hits in the period that are at least 14 days old, those followed by a purchase within 14 days and before the next limit hit
-- of: limit hits
SELECT r.workspace_id, r.at, r.package, r.currency, r.part,
       (r.value = 1 AND r.paid_at < coalesce(next.at, 'infinity'))::int AS value, r.weight, r.pending,
       r.epoch, next.at AS next_hit_at,
       CASE WHEN r.paid_at < coalesce(next.at, 'infinity') THEN r.paid_at END AS paid_at
FROM rows('conversion') r
LEFT JOIN LATERAL (
    SELECT c.at FROM usage_alerts c
    WHERE c.workspace_id = r.workspace_id AND c.kind = 'limit_hit' AND (c.at, c.epoch) > (r.at, r.epoch)
    ORDER BY c.at, c.epoch LIMIT 1) next ON true
