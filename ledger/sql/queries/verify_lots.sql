SELECT l.*, lot_turn(l.kind, l.acquired_at) AS right_turn, l.period_start IS NOT NULL AS is_reset,
       l.purchase_id IS NOT NULL AS has_purchase, o.anchor_at,
       CASE WHEN l.period_start IS NOT NULL THEN next_reset(o.anchor_at, l.period_start) END AS right_reset_date
FROM lots l
LEFT JOIN LATERAL (
    SELECT a.acquired_at AS anchor_at FROM lots a
    WHERE a.workspace_id = l.workspace_id AND a.kind = 'plan' AND NOT a.arrears AND a.period_start IS NULL AND a.lot_id <= l.lot_id
    ORDER BY a.lot_id DESC LIMIT 1
) o ON l.kind = 'plan'
WHERE l.workspace_id = ANY(:ids) ORDER BY l.workspace_id, l.lot_id
