-- What blocked workspaces from :first to :last decided: one row for each month, menu on offer, plan, need and choice, with
-- the number of limit hits. The choice is the credit that follows the hit: a purchase, or anything else = waited. Hits younger
-- than two weeks stay out, also those that ended in a purchase already: who buys, buys soon, so the youngest hits would tell
-- of buyers only. So do those of workspaces that were held out of the offer. recent: the 90 days before those two weeks.
-- need: minutes wanted until the plan's next credit, blocked time filled (timed_epochs), as in the history that is replayed.
-- lost: minutes wanted and not served from the hit to the purchase, the call cut short by it included; pace: usual minutes of
-- a second; both summed over those who bought. who: for each hit 8 bytes that tell workspaces apart.
WITH spells AS (  -- as plan_at, for all hits at once
    SELECT s.workspace_id, s.plan, s.started_at,
           least(coalesce(lead(s.started_at) OVER (PARTITION BY s.workspace_id ORDER BY s.started_at, s.subscription_no), 'infinity'),
                 coalesce(s.ended_at, 'infinity')) AS until
    FROM subscriptions s WHERE s.workspace_id >= :first AND s.workspace_id <= :last
), held AS (  -- every credit with the one that followed it, and the next one of the plan
    SELECT l.workspace_id, l.lot_id, l.acquired_at,
           CASE WHEN lag(l.acquired_at) OVER later <= :data_to THEN lag(l.lot_id) OVER later END AS next_id,
           lag(l.kind) OVER later AS next_kind, lag(l.purchase_id) OVER later AS next_purchase,
           min(l.acquired_at) FILTER (WHERE l.kind = 'plan') OVER (later ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS renewed_at
    FROM lots l WHERE l.workspace_id >= :first AND l.workspace_id <= :last
    WINDOW later AS (PARTITION BY l.workspace_id ORDER BY l.lot_id DESC)
), epochs AS (
    SELECT e.*, count(*) FILTER (WHERE e.kind = 'plan') OVER (PARTITION BY e.workspace_id COLLATE "C" ORDER BY e.lot_id) AS period
    FROM timed_epochs(:first, :last, :data_to) e
), wanted AS (  -- from the limit of an epoch to the next credit of the plan, as far as there is history
    SELECT e.workspace_id, e.lot_id, e.rate, e.asked, e.asked + coalesce(sum(e.met + e.asked) OVER later, 0) AS minutes
    FROM epochs e
    WINDOW later AS (PARTITION BY e.workspace_id COLLATE "C", e.period ORDER BY e.lot_id ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)
), hits AS (
    SELECT h.workspace_id, h.epoch, h.at, l.renewed_at,
           CASE WHEN l.next_id IS NOT NULL AND l.next_kind = 'purchase' THEN l.next_purchase END AS purchase_id
    FROM hit_facts h
    JOIN held l ON l.workspace_id = h.workspace_id AND l.lot_id = h.epoch
    WHERE h.workspace_id >= :first AND h.workspace_id <= :last
      AND h.source = :source AND h.at <= :data_to AND h.epoch > 0 AND h.workspace_id NOT LIKE 'sim:%'
      AND NOT EXISTS (
          SELECT 1 FROM hold_outs o
          WHERE o.source = h.source AND o.starts_at <= h.at AND (o.ends_at IS NULL OR o.ends_at > h.at)
            AND hold_out_arm(h.workspace_id, o.hold_out, o.share_percent) = 'held')
      AND h.at <= CAST(:data_to AS timestamptz) - interval '14 days'
), offered AS (
    SELECT h.*, s.plan,
           coalesce(test.arm, 'standard') AS arm, test.arm IS NOT NULL AS in_test, w.asked, w.rate,
           w.minutes + CASE WHEN h.renewed_at IS NULL THEN
               w.rate * greatest(extract(epoch FROM h.at + interval '15 days' - :data_to), 0) ELSE 0 END AS need
    FROM hits h
    JOIN wanted w ON w.workspace_id = h.workspace_id AND w.lot_id = h.epoch
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
    LEFT JOIN extra_minutes_purchases p ON p.workspace_id = o.workspace_id AND p.purchase_id = o.purchase_id
)
SELECT date_trunc('month', at, :timezone) AS month, arm, in_test, menu_from, plan, bought,
       width_bucket(need::float8, ARRAY[30, 60, 150, 300, 600]::float8[]) AS need_class,
       at >= CAST(:data_to AS timestamptz) - interval '104 days' AS recent,
       count(*) AS hits, sum(need::float8) AS need,
       coalesce(sum(asked) FILTER (WHERE bought <> ''), 0)::float8 AS lost,
       coalesce(sum(rate) FILTER (WHERE bought <> ''), 0)::float8 AS pace,
       string_agg(int8send(hashtextextended(workspace_id, 0)), ''::bytea) AS who
FROM menus
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8;
