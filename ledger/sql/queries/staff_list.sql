-- All staff, the disabled last.
SELECT email, name, role, issuer, subject, added_at, added_by, disabled_at
FROM staff
ORDER BY disabled_at IS NOT NULL, email
