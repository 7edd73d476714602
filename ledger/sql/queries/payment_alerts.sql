-- name: close_alert
UPDATE payment_alerts SET closed_at = :at, closed_by = :actor WHERE alert_id = :alert_id AND closed_at IS NULL
RETURNING alert_id;

-- name: count_alerts
-- Open alerts by kind, the most frequent first.
SELECT kind, count(*) AS alerts FROM payment_alerts WHERE closed_at IS NULL GROUP BY kind ORDER BY count(*) DESC, kind;

-- name: keep_alert
-- One that the end of its condition has closed is opened again; one that a person closed stays closed until then, or until it
-- says more. An open one says what is true now.
INSERT INTO payment_alerts (alert_id, kind, object_id, workspace_id, detail, at, due_at)
VALUES (:alert_id, :kind, :object_id, CAST(:workspace_id AS text), :detail, :at, CAST(:due_at AS timestamptz))
ON CONFLICT (alert_id) DO UPDATE SET
    detail = EXCLUDED.detail, due_at = EXCLUDED.due_at, workspace_id = EXCLUDED.workspace_id,
    at = CASE WHEN payment_alerts.closed_at IS NULL THEN payment_alerts.at ELSE EXCLUDED.at END,
    closed_at = NULL, closed_by = NULL, closed_because = NULL
WHERE NOT CAST(:over AS boolean) AND (
    payment_alerts.closed_because IS NOT NULL
    OR (payment_alerts.closed_at IS NULL OR CAST(:reopens AS boolean)) AND payment_alerts.detail <> EXCLUDED.detail
);

-- name: end_alert
-- One that a person closed earlier has its end noted too: it opens again when the condition begins anew.
WITH known AS (
    SELECT alert_id, closed_at IS NULL AS was_open FROM payment_alerts
    WHERE alert_id = :alert_id AND closed_because IS NULL
    FOR UPDATE
)
UPDATE payment_alerts a
SET closed_at = coalesce(a.closed_at, :at), closed_by = coalesce(a.closed_by, 'ledger'), closed_because = :because
FROM known WHERE a.alert_id = known.alert_id
RETURNING known.was_open;

-- name: lasting_alert_detail
-- What an alert says whose condition goes on, also when a person closed it.
SELECT detail FROM payment_alerts WHERE alert_id = :alert_id AND closed_because IS NULL;

-- name: list_alerts
SELECT alert_id, kind, object_id, workspace_id, detail, at, due_at, closed_at, closed_by, closed_because
FROM payment_alerts
WHERE (CAST(:workspace_id AS text) IS NULL OR workspace_id = :workspace_id)
  AND (CAST(:kind AS text) IS NULL OR kind = :kind)
  AND (CAST(:closed AS boolean) OR closed_at IS NULL)
  AND (CAST(:before AS text) IS NULL OR (at, alert_id) < (SELECT b.at, b.alert_id FROM payment_alerts b WHERE b.alert_id = :before))
ORDER BY at DESC, alert_id DESC LIMIT :limit;
