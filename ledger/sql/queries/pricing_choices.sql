-- What blocked workspaces decided: one row for each month, menu on offer, plan, need and choice, with the number of limit hits.
-- The choice is the credit that follows the hit: a purchase, or anything else = waited. Hits younger than two weeks
-- without a following credit are not decided yet and stay out; so do those of workspaces that were held out of the offer.
-- need: minutes wanted until the plan's next credit.
WITH spells AS (  -- as plan_at, for all hits at once
    SELECT s.workspace_id, s.plan, s.started_at,
           least(coalesce(lead(s.started_at) OVER (PARTITION BY s.workspace_id ORDER BY s.started_at, s.subscription_no), 'infinity'),
                 coalesce(s.ended_at, 'infinity')) AS until
    FROM subscriptions s
), hits AS (
    SELECT h.workspace_id, h.at, now_held.acquired_at AS held_at, following.kind AS next_kind, following.purchase_id,
           coalesce(u.plan_minutes + u.extra_minutes, 0) AS used, renewal.at AS renewed_at
    FROM hit_facts h
    LEFT JOIN lots now_held ON now_held.workspace_id = h.workspace_id AND now_held.lot_id = h.epoch
    LEFT JOIN lots following ON following.workspace_id = h.workspace_id AND following.lot_id = h.epoch + 1
                            AND following.acquired_at <= :data_to
    LEFT JOIN usage_by_epoch u ON u.workspace_id = h.workspace_id AND u.epoch = h.epoch
    LEFT JOIN LATERAL (
        SELECT l.acquired_at AS at FROM lots l
        WHERE l.workspace_id = h.workspace_id AND l.lot_id > h.epoch AND l.kind = 'plan'
        ORDER BY l.lot_id LIMIT 1
    ) renewal ON true
    WHERE h.source = :source AND h.at <= :data_to AND h.epoch > 0 AND h.workspace_id NOT LIKE 'sim:%'
      AND NOT EXISTS (
          SELECT 1 FROM hold_outs o
          WHERE o.source = h.source AND o.starts_at <= h.at AND (o.ends_at IS NULL OR o.ends_at > h.at)
            AND hold_out_arm(h.workspace_id, o.hold_out, o.share_percent) = 'held')
      AND (following.lot_id IS NOT NULL OR h.at <= CAST(:data_to AS timestamptz) - interval '14 days')
), offered AS (
    SELECT h.*, s.plan,
           coalesce(test.arm, 'standard') AS arm, test.arm IS NOT NULL AS in_test,
           greatest(extract(epoch FROM coalesce(h.renewed_at, h.at + interval '15 days') - h.at), 0)
             * h.used / greatest(extract(epoch FROM h.at - h.held_at), 86400) AS need
    FROM hits h
    JOIN spells s ON s.workspace_id = h.workspace_id AND h.at >= s.started_at AND h.at < s.until
    LEFT JOIN LATERAL (
        SELECT price_test_arm(h.workspace_id, t.test, t.arms) AS arm FROM price_tests t
        WHERE t.starts_at <= h.at AND (t.ends_at IS NULL OR t.ends_at > h.at)
        ORDER BY t.starts_at, t.test LIMIT 1
    ) test ON true
), menus AS (
    SELECT o.*, coalesce(p.package, '') AS bought,
           (SELECT max(v.valid_from) FROM extra_minutes_packages v
            WHERE v.valid_from <= o.at AND (v.valid_to IS NULL OR v.valid_to > o.at) AND v.arm IN (o.arm, 'standard')) AS menu_from
    FROM offered o
    LEFT JOIN extra_minutes_purchases p
      ON p.workspace_id = o.workspace_id AND p.purchase_id = o.purchase_id AND o.next_kind = 'purchase'
)
SELECT date_trunc('month', at, :timezone) AS month, arm, in_test, menu_from, plan, bought,
       width_bucket(need::float8, ARRAY[30, 60, 150, 300, 600]::float8[]) AS need_class,
       at >= CAST(:data_to AS timestamptz) - interval '90 days' AS recent,
       count(*) AS hits, sum(need::float8) AS need
FROM menus
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
ORDER BY 1, 2, 3, 4, 5, 6, 7, 8;
