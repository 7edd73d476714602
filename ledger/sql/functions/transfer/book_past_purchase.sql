-- A purchase that was made elsewhere: its row, and the minutes of a paid one. p_body carries what was agreed and what became of it.
CREATE OR REPLACE FUNCTION book_past_purchase(
    p_workspace_id text, p_key text, p_at timestamptz, p_minutes bigint, p_body jsonb, p_actor text
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_id uuid := p_body ->> 'id';
    v_paid_at timestamptz := p_body ->> 'paid_at';
    v_failed boolean := v_paid_at IS NULL AND p_body ->> 'status' IN ('failed', 'quarantined');
    v_reference text := coalesce(p_body ->> 'payment_intent', p_body ->> 'charge', p_key);
    v_lot_id bigint;
BEGIN
    INSERT INTO extra_minutes_purchases (
        workspace_id, purchase_id, key, body, source, package, package_version, package_arm, package_name, minutes, amount_cents,
        currency, actor, created_at, attempted_at, status, paid_at, failure_code, failure_message, fee_cents, fee_currency,
        customer, payment_intent, charge)
    SELECT p_workspace_id, v_id, 'import:' || p_key, jsonb_build_object('package', p_body ->> 'package'), w.source,
           p_body ->> 'code', (p_body ->> 'version')::integer, p_body ->> 'arm', p_body ->> 'package_name', p_minutes,
           (p_body ->> 'amount_cents')::bigint, p_body ->> 'currency', p_actor, coalesce((p_body ->> 'begun_at')::timestamptz, p_at),
           coalesce((p_body ->> 'begun_at')::timestamptz, p_at), CASE WHEN v_paid_at IS NULL THEN p_body ->> 'status' ELSE 'paid' END,
           v_paid_at, coalesce(p_body ->> 'failure_code', CASE WHEN v_failed THEN 'unknown' END),
           coalesce(p_body ->> 'failure_message', CASE WHEN v_failed THEN 'The imported file gives no reason.' END), (p_body ->> 'fee_cents')::bigint,
           CASE WHEN p_body ? 'fee_cents' THEN p_body ->> 'currency' END, p_body ->> 'customer', p_body ->> 'payment_intent', p_body ->> 'charge'
    FROM workspaces w WHERE w.workspace_id = p_workspace_id;
    INSERT INTO payment_objects (object_id, kind, workspace_id, purchase_id)
    SELECT o.object_id, o.kind, p_workspace_id, CASE WHEN o.kind <> 'customer' THEN v_id END
    FROM (VALUES (v_id::text, 'purchase'), (nullif(p_key, v_id::text), 'purchase'), (p_body ->> 'payment_intent', 'payment_intent'),
                 (p_body ->> 'charge', 'charge'), (p_body ->> 'customer', 'customer')) AS o (object_id, kind)
    WHERE o.object_id IS NOT NULL
    ON CONFLICT (object_id) DO NOTHING;
    IF v_paid_at IS NULL THEN
        RETURN;
    END IF;
    v_lot_id := add_lot(p_workspace_id, 'purchase', p_minutes, v_id, 'purchase:' || v_id, v_paid_at, p_actor, NULL, v_reference);
    PERFORM mark_past_write(p_workspace_id, 'purchase', 'purchase:' || v_id, v_lot_id, jsonb_build_object(
        'minutes', p_minutes, 'reason', NULL, 'reference', v_reference, 'purchase_id', v_id));
    UPDATE extra_minutes_purchases p SET lot_id = v_lot_id WHERE p.workspace_id = p_workspace_id AND p.purchase_id = v_id;
END $$;
