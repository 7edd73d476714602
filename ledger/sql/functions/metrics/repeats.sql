-- Days of a workspace that repeat an earlier one, in metrics that count a workspace once: each with the day before it. A
-- period that holds both days counts the workspace once too often. n: any day; value: a day whose value counts, after another
-- such day. scope: within which days: all, those on the same plan, billing cycle, or both.
CREATE OR REPLACE VIEW repeats AS
    SELECT d.workspace_id, d.metric, s.scope, d.day, s.previous_day, s.plan, s.billing_cycle, s.value, s.n
    FROM (
        SELECT w.workspace_id, w.metric, w.day, w.plan, w.billing_cycle, w.value > 0 AS counts,
               max(w.day) OVER in_all AS in_all, max(w.day) FILTER (WHERE w.value > 0) OVER in_all AS counted_in_all,
               max(w.day) OVER in_plan AS in_plan, max(w.day) FILTER (WHERE w.value > 0) OVER in_plan AS counted_in_plan,
               max(w.day) OVER in_cycle AS in_cycle, max(w.day) FILTER (WHERE w.value > 0) OVER in_cycle AS counted_in_cycle,
               max(w.day) OVER in_both AS in_both, max(w.day) FILTER (WHERE w.value > 0) OVER in_both AS counted_in_both
        FROM workspace_days w
        WINDOW in_all AS (PARTITION BY w.workspace_id, w.metric ORDER BY w.day, w.plan, w.billing_cycle
                          ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
               in_plan AS (PARTITION BY w.workspace_id, w.metric, w.plan ORDER BY w.day, w.billing_cycle
                           ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
               in_cycle AS (PARTITION BY w.workspace_id, w.metric, w.billing_cycle ORDER BY w.day, w.plan
                            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
               in_both AS (PARTITION BY w.workspace_id, w.metric, w.plan, w.billing_cycle ORDER BY w.day
                           ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    ) d
    CROSS JOIN LATERAL (VALUES
        ('all', '', '', d.in_all, 0, 1), ('all', '', '', CASE WHEN d.counts THEN d.counted_in_all END, 1, 0),
        ('plan', d.plan, '', d.in_plan, 0, 1), ('plan', d.plan, '', CASE WHEN d.counts THEN d.counted_in_plan END, 1, 0),
        ('billing_cycle', '', d.billing_cycle, d.in_cycle, 0, 1),
        ('billing_cycle', '', d.billing_cycle, CASE WHEN d.counts THEN d.counted_in_cycle END, 1, 0),
        ('both', d.plan, d.billing_cycle, d.in_both, 0, 1),
        ('both', d.plan, d.billing_cycle, CASE WHEN d.counts THEN d.counted_in_both END, 1, 0)
    ) s (scope, plan, billing_cycle, previous_day, value, n)
    WHERE s.previous_day IS NOT NULL;

-- grants
GRANT SELECT ON repeats TO ledger_app;
