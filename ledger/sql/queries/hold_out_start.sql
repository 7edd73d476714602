-- Refuses (no row) a name that was used, and while another one covers any later moment for workspaces of the same source.
INSERT INTO hold_outs (hold_out, source, share_percent, hits_needed, reason, starts_at, created_by)
SELECT :name, CAST(:source AS text), :share_percent, :hits_needed, :reason, CAST(:starts_at AS timestamptz), :created_by
WHERE NOT EXISTS (
    SELECT 1 FROM hold_outs WHERE source = :source AND coalesce(ends_at, 'infinity') > :starts_at)
ON CONFLICT DO NOTHING
RETURNING hold_out AS name, source, share_percent, hits_needed, reason, starts_at, ends_at, created_by;
