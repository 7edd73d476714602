-- Shut one member of staff out; the identity is forgotten, so that a later return starts afresh.
UPDATE staff SET disabled_at = :at, issuer = NULL, subject = NULL
WHERE email = lower(:email) AND disabled_at IS NULL
RETURNING email, name, role, issuer, subject, added_at, added_by, disabled_at
