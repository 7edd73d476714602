-- The enabled member of staff who signs in with this identity.
SELECT email, name, role, issuer, subject, added_at, added_by, disabled_at
FROM staff
WHERE issuer = :issuer AND subject = :subject AND disabled_at IS NULL
