-- name: session_start
-- A sign-in of a browser. Old ones are forgotten.
WITH forgotten AS (
    DELETE FROM sign_in_sessions WHERE started_at < CAST(:at AS timestamptz) - interval '90 days'
)
INSERT INTO sign_in_sessions (session_id, started_at, seen_at, address, browser)
VALUES (:session_id, :at, :at, :address, :browser)
ON CONFLICT (session_id) DO NOTHING;

-- name: session_get
-- A session that neither ended, nor is too old, nor was left alone too long.
SELECT session_id, email, started_at, seen_at, address, browser
FROM sign_in_sessions
WHERE session_id = :session_id AND ended_at IS NULL AND started_at > :not_before AND seen_at > :idle_since;

-- name: session_touch
UPDATE sign_in_sessions SET seen_at = greatest(seen_at, :at), email = :email
WHERE session_id = :session_id AND ended_at IS NULL;

-- name: session_end
UPDATE sign_in_sessions SET ended_at = :at, ended_because = :because
WHERE session_id = :session_id AND ended_at IS NULL;

-- name: sessions_end_of_person
UPDATE sign_in_sessions SET ended_at = :at, ended_because = :because
WHERE email = lower(:email) AND ended_at IS NULL;

-- name: sessions_end_at_role_change
-- All sessions of a person whose role will be another.
UPDATE sign_in_sessions s SET ended_at = :at, ended_because = 'role_changed'
WHERE s.email = lower(:email) AND s.ended_at IS NULL
  AND EXISTS (SELECT 1 FROM staff p WHERE p.email = s.email AND p.role <> :role);

-- name: sessions_list
-- Who is signed in now, the latest first.
SELECT session_id, email, started_at, seen_at, address, browser
FROM sign_in_sessions
WHERE ended_at IS NULL AND email IS NOT NULL AND started_at > :not_before AND seen_at > :idle_since
ORDER BY seen_at DESC, session_id;
