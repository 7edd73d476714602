-- A new make-good; the same batch again changes nothing.
INSERT INTO grant_batches (batch_id, title, reason, created_by, created_at, needs_approval)
VALUES (:batch_id, :title, :reason, :actor, :at, :needs_approval)
ON CONFLICT (batch_id) DO NOTHING
RETURNING batch_id
