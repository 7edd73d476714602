-- name: audit_actors
-- Who did what lately, for the menus of the log.
SELECT DISTINCT l.actor, l.action FROM (SELECT actor, action FROM audit ORDER BY audit_no DESC LIMIT 10000) l;

-- name: audit_add
-- One more line of the audit log.
SELECT add_audit_line(
    :at, :actor, :role, :action, :workspace_id, :subject, CAST(:minutes AS bigint), CAST(:amount_cents AS bigint),
    CAST(:before AS jsonb), CAST(:after AS jsonb), :reason, :request_id);

-- name: audit_given
-- What one person gave away alone since a moment: minutes of grants, cents of refunds.
SELECT coalesce(sum(minutes) FILTER (WHERE action IN ('grant', 'start_batch')), 0)::bigint AS minutes,
       coalesce(sum(amount_cents) FILTER (WHERE action = 'refund'), 0)::bigint AS amount_cents
FROM audit
WHERE actor = :actor AND at >= :since AND action IN ('grant', 'start_batch', 'refund');

-- name: audit_list
-- The audit log, newest first, after a given line; every condition is optional.
SELECT audit_no, at, recorded_at, actor, role, action, workspace_id, subject, minutes, amount_cents,
       before, after, reason, request_id
FROM audit
WHERE (CAST(:before AS bigint) IS NULL OR audit_no < CAST(:before AS bigint))
  AND (CAST(:actor AS text) IS NULL OR actor = CAST(:actor AS text))
  AND (CAST(:action AS text) IS NULL OR action = CAST(:action AS text))
  AND (CAST(:workspace_id AS text) IS NULL OR workspace_id = CAST(:workspace_id AS text))
  AND (CAST(:since AS timestamptz) IS NULL OR at >= CAST(:since AS timestamptz))
  AND (CAST(:until AS timestamptz) IS NULL OR at < CAST(:until AS timestamptz))
  AND (CAST(:part AS text) IS NULL
       OR concat_ws(' ', actor, action, workspace_id, subject, reason, request_id) ILIKE CAST(:part AS text))
ORDER BY audit_no DESC
LIMIT :limit;

-- name: audit_of_request
-- What was recorded for this request, when the same click arrives twice.
SELECT audit_no, at, recorded_at, actor, role, action, workspace_id, subject, minutes, amount_cents,
       before, after, reason, request_id
FROM audit
WHERE request_id = :request_id AND action = :action;

-- name: audit_one_at_a_time
-- One action of one person at a time, so that two clicks cannot both be the last one below the daily limit.
SELECT pg_advisory_xact_lock(hashtextextended(:actor, 7));

-- name: audit_unusual_grants
-- Grants worth a second look: many from one person to one workspace, or far above what is usual.
WITH given AS (
    SELECT actor, workspace_id, count(*) AS grants, sum(minutes)::bigint AS minutes, max(minutes) AS largest, max(at) AS last_at
    FROM audit
    WHERE action IN ('grant', 'batch_grant') AND at >= :since AND minutes > 0
    GROUP BY actor, workspace_id
), usual AS (
    SELECT coalesce(percentile_cont(0.95) WITHIN GROUP (ORDER BY minutes), 0) AS minutes FROM given
)
SELECT g.actor, g.workspace_id, g.grants, g.minutes, g.largest, g.last_at,
       CASE WHEN g.grants >= 3 THEN 'repeated' ELSE 'large' END AS why
FROM given g CROSS JOIN usual u
WHERE g.grants >= 3 OR (g.minutes > u.minutes AND g.minutes >= 300)
ORDER BY g.minutes DESC
LIMIT 100;

-- name: audit_knocking_addresses
-- Addresses that sent too many wrong API keys within a minute, or failed to sign in in several minutes.
SELECT count(*) FROM (
    SELECT CASE action WHEN 'wrong_api_keys' THEN actor ELSE subject END AS address
    FROM audit WHERE action IN ('wrong_api_keys', 'sign_in_failed') AND at >= :since
    GROUP BY 1
    HAVING bool_or(action = 'wrong_api_keys') OR count(*) >= :sign_ins
) a;
