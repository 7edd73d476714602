-- Hold-outs: for a while a share of the workspaces is shown no offer, so that its effect can be measured.

-- Who is held follows from the id (function hold_out_arm), so nothing is stored for each workspace.
DROP TABLE hold_out_arms;
DELETE FROM table_kinds WHERE table_name = 'hold_out_arms';

-- No default: should rows have been written here by hand, their arms were others, and this stops instead of guessing.
ALTER TABLE hold_outs
    ADD COLUMN share_percent integer NOT NULL CONSTRAINT hold_outs_share CHECK (share_percent BETWEEN 10 AND 50),
    ADD COLUMN hits_needed integer NOT NULL CONSTRAINT hold_outs_hits_positive CHECK (hits_needed > 0),
    ADD COLUMN reason text NOT NULL CONSTRAINT hold_outs_say_why CHECK (length(btrim(reason)) BETWEEN 1 AND 400),
    ADD COLUMN recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ADD CONSTRAINT hold_outs_source CHECK (source IN ('live', 'stripe_test', 'sandbox', 'demo'));
COMMENT ON COLUMN hold_outs.share_percent IS 'How many of a hundred workspaces are held; never changed, or arms would change sides.';
COMMENT ON COLUMN hold_outs.hits_needed IS 'First limit hits that the held arm, the smaller one, needs: planned before the first came in.';

CREATE UNIQUE INDEX hold_outs_one_runs_in_each_source ON hold_outs (source) WHERE ends_at IS NULL;
-- The arms of a hold-out are read in pages, in this order.
CREATE INDEX workspaces_of_source ON workspaces (source, workspace_id);

-- An end is written once: a row that has one is not there for an UPDATE.
ALTER TABLE hold_outs ENABLE ROW LEVEL SECURITY;
CREATE POLICY hold_outs_are_read ON hold_outs FOR SELECT USING (true);
CREATE POLICY hold_outs_are_started ON hold_outs FOR INSERT WITH CHECK (ends_at IS NULL);
CREATE POLICY hold_outs_are_ended_once ON hold_outs FOR UPDATE USING (ends_at IS NULL) WITH CHECK (ends_at IS NOT NULL);

-- grants
REVOKE UPDATE ON hold_outs FROM ledger_app;
GRANT UPDATE (ends_at) ON hold_outs TO ledger_app;
