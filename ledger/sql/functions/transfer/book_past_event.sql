-- One row of an imported history, through the function that would have booked it then; answers the workspace.
-- Uses come in batches, and what depends on a purchase's state comes from the payments room.
CREATE OR REPLACE FUNCTION book_past_event(
    p_kind text, p_workspace_id text, p_key text, p_at timestamptz, p_minutes bigint, p_body jsonb, p_actor text
) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v_lot_id bigint;
BEGIN
    IF p_kind IN ('plan', 'end') AND NOT coalesce((p_body ->> 'books_due')::boolean, false) THEN
        -- A period that would fall due when the plan ends or changes was not paid for.
        UPDATE workspace_minutes w SET minutes_reset_date = NULL
        WHERE w.workspace_id = p_workspace_id AND w.managed_by = 'ledger' AND w.minutes_reset_date = p_at;
    END IF;
    CASE p_kind
        WHEN 'plan' THEN
            v_lot_id := allocate_plan(p_workspace_id, p_body ->> 'plan', p_body ->> 'billing_cycle', p_body ->> 'managed_by',
                                      (p_body ->> 'period_end')::timestamptz, p_key, p_at, p_actor, 'import');
            PERFORM mark_past_write(p_workspace_id, 'allocation', p_key, v_lot_id, jsonb_build_object(
                'plan', p_body ->> 'plan', 'billing_cycle', p_body ->> 'billing_cycle', 'period_end', p_body ->> 'period_end'));
        WHEN 'end' THEN
            PERFORM cancel_plan(p_workspace_id, p_at);
            PERFORM mark_past_write(p_workspace_id, 'cancel', p_key, NULL, '{}');
        WHEN 'reset' THEN
            PERFORM reset_monthly_minutes(p_workspace_id, p_at);
        WHEN 'grant' THEN
            v_lot_id := add_lot(p_workspace_id, 'grant', p_minutes, NULL, p_key, p_at, p_actor, p_body ->> 'reason', NULL);
            PERFORM mark_past_write(p_workspace_id, 'grant', p_key, v_lot_id, jsonb_build_object(
                'minutes', p_minutes, 'reason', p_body ->> 'reason', 'reference', NULL, 'purchase_id', NULL));
        WHEN 'purchase' THEN
            PERFORM book_past_purchase(p_workspace_id, p_key, p_at, p_minutes, p_body, p_actor);
        WHEN 'opening' THEN
            PERFORM book_opening_balance(p_workspace_id, p_key, p_at, p_body, p_actor);
    END CASE;
    RETURN p_workspace_id;
END $$;
