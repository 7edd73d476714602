-- The locked row of a workspace knows the lot that its next use draws from, so that a use need not look for it.
ALTER TABLE workspace_minutes
    ADD COLUMN current_lot_id bigint,
    ADD COLUMN current_remaining bigint NOT NULL DEFAULT 0,
    DROP CONSTRAINT workspace_minutes_never_negative,
    ADD CONSTRAINT workspace_minutes_never_negative
        CHECK (least(minutes_remaining, extra_minutes_remaining, current_remaining) >= 0);
COMMENT ON COLUMN workspace_minutes.current_lot_id IS 'The first open lot in the order of use; null: to be looked for.';
COMMENT ON COLUMN workspace_minutes.current_remaining IS 'What the current lot holds; 0 when none is known.';

DROP FUNCTION IF EXISTS draw_lots(text, bigint, bigint, boolean); -- tells the current lot now; made again by this migrate
