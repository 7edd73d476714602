-- Bind a verified e-mail address to the identity that first signs in with it. A bound one never changes hands.
UPDATE staff SET issuer = :issuer, subject = :subject
WHERE email = lower(:email) AND issuer IS NULL AND disabled_at IS NULL
RETURNING email, name, role, issuer, subject, added_at, added_by, disabled_at
