-- Minutes by age in whole days: used at it, or no longer watched after it.
SELECT CAST(m.age AS integer) AS age, CAST(sum(m.used) AS bigint) AS used, CAST(sum(m.censored) AS bigint) AS censored
FROM (
    SELECT greatest(d.day - CAST(l.acquired_at AS date), 0) AS age, d.drawn AS used, greatest(d.voided, 0) AS censored
    FROM paid_purchases p
    JOIN lots l ON l.workspace_id = p.workspace_id AND l.purchase_id = p.purchase_id
    JOIN lot_days d ON d.workspace_id = l.workspace_id AND d.lot_id = l.lot_id
    WHERE p.source = :source AND p.paid_at >= :start AND p.paid_at < :end AND p.paid_at <= :as_of
    UNION ALL
    SELECT greatest(CAST(CAST(:as_of AS timestamptz) AS date) - CAST(l.acquired_at AS date), 0), 0, l.remaining
    FROM paid_purchases p
    JOIN lots l ON l.workspace_id = p.workspace_id AND l.purchase_id = p.purchase_id
    WHERE p.source = :source AND p.paid_at >= :start AND p.paid_at < :end AND p.paid_at <= :as_of AND l.remaining > 0
) m
GROUP BY 1
ORDER BY 1
