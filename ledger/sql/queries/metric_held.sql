-- Of the rows behind a share, those of workspaces on the held side of a hold-out: how many count, and how many of them bought.
SELECT coalesce(sum(q.weight), 0)::bigint AS rows, coalesce(sum(q.value), 0)::bigint AS bought
FROM (
/* rows */
) q
WHERE NOT q.pending AND hold_out_arm(q.workspace_id, :hold_out, :share_percent) = 'held'
  AND (CAST(:plan AS text) IS NULL OR q.plan = :plan)
  AND (CAST(:billing_cycle AS text) IS NULL OR q.billing_cycle = :billing_cycle)
