-- name: export_complete_to
-- Whatever was recorded before this time is committed: no transaction that began earlier is still open.
SELECT least(CAST(:at AS timestamptz), clock_timestamp(),
             min(a.xact_start) FILTER (WHERE a.pid <> pg_backend_pid() AND a.datname = current_database())) - interval '1 second'
FROM pg_stat_activity a;

-- name: export_entries
-- Entries of all workspaces after a given one; the statement of each is read from its own index only.
SELECT w.workspace_id, e.entry_no, e.kind, e.plan_delta, e.extra_delta, e.plan_after AS plan_minutes, e.extra_after AS extra_minutes,
       e.unmet_minutes, e.at, e.recorded_at, e.actor, e.reason, e.reference, e.key, e.overage_policy, e.duration_seconds, e.lot_id
FROM workspace_minutes w
CROSS JOIN LATERAL (
    SELECT * FROM entries s
    WHERE s.workspace_id = w.workspace_id
      AND s.entry_no > CASE WHEN w.workspace_id = :after_workspace THEN CAST(:after_no AS bigint) ELSE 0 END
      AND s.entry_no > CASE WHEN CAST(:recorded_since AS timestamptz) IS NULL THEN 0
                            ELSE entry_as_of(w.workspace_id, 'booked', :recorded_since) END
      AND (CAST(:start AS timestamptz) IS NULL OR s.at >= :start) AND (CAST(:end AS timestamptz) IS NULL OR s.at < :end)
      AND (CAST(:kind AS text) IS NULL OR CAST(s.kind AS text) = :kind)
    ORDER BY s.entry_no
    LIMIT :limit
) e
WHERE w.workspace_id >= :after_workspace AND (CAST(:workspace_id AS text) IS NULL OR w.workspace_id = :workspace_id)
  AND (CAST(:recorded_since AS timestamptz) IS NULL OR w.recorded_at > :recorded_since)
ORDER BY w.workspace_id, e.entry_no
LIMIT :limit;

-- name: export_purchases
-- Purchases of all workspaces after a given one.
SELECT p.* FROM extra_minutes_purchases p
WHERE (p.workspace_id, p.purchase_id) > (:after_workspace, CAST(:after_no AS uuid))
  AND (CAST(:workspace_id AS text) IS NULL OR p.workspace_id = :workspace_id)
  AND (CAST(:start AS timestamptz) IS NULL OR p.created_at >= :start) AND (CAST(:end AS timestamptz) IS NULL OR p.created_at < :end)
  AND (CAST(:recorded_since AS timestamptz) IS NULL OR greatest(p.created_at, p.synced_at) > :recorded_since)
ORDER BY p.workspace_id, p.purchase_id
LIMIT :limit;
