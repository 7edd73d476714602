-- name: staff_by_identity
-- The enabled member of staff who signs in with this identity.
SELECT email, name, role, issuer, subject, added_at, added_by, disabled_at
FROM staff
WHERE issuer = :issuer AND subject = :subject AND disabled_at IS NULL;

-- name: staff_disable
-- Shut one member of staff out; the identity is forgotten, so that a later return starts afresh.
UPDATE staff SET disabled_at = :at, issuer = NULL, subject = NULL
WHERE email = lower(:email) AND disabled_at IS NULL
RETURNING email, name, role, issuer, subject, added_at, added_by, disabled_at;

-- name: staff_limits
-- What each role may give away without a second person.
SELECT role, minutes_per_grant, minutes_per_day, cents_per_refund, cents_per_day
FROM staff_limits
ORDER BY role;

-- name: staff_limits_save
-- Change what one role may give away.
UPDATE staff_limits
SET minutes_per_grant = :minutes_per_grant, minutes_per_day = :minutes_per_day,
    cents_per_refund = :cents_per_refund, cents_per_day = :cents_per_day
WHERE role = :role
RETURNING role;

-- name: staff_list
-- All staff, the disabled last.
SELECT email, name, role, issuer, subject, added_at, added_by, disabled_at
FROM staff
ORDER BY disabled_at IS NOT NULL, email;

-- name: staff_save
-- Add a member of staff, or give an existing one this role again and let them in. The identity stays.
INSERT INTO staff (email, name, role, added_at, added_by)
VALUES (lower(:email), :name, :role, :at, :actor)
ON CONFLICT (email) DO UPDATE SET name = EXCLUDED.name, role = EXCLUDED.role, disabled_at = NULL
RETURNING email, name, role, issuer, subject, added_at, added_by, disabled_at;

-- name: staff_sign_in_first
-- Bind a verified e-mail address to the identity that first signs in with it. A bound one never changes hands.
UPDATE staff SET issuer = :issuer, subject = :subject
WHERE email = lower(:email) AND issuer IS NULL AND disabled_at IS NULL
RETURNING email, name, role, issuer, subject, added_at, added_by, disabled_at;
