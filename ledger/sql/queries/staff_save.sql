-- Add a member of staff, or give an existing one this role again and let them in. The identity stays.
INSERT INTO staff (email, name, role, added_at, added_by)
VALUES (lower(:email), :name, :role, :at, :actor)
ON CONFLICT (email) DO UPDATE SET name = EXCLUDED.name, role = EXCLUDED.role, disabled_at = NULL
RETURNING email, name, role, issuer, subject, added_at, added_by, disabled_at
