-- Revenue of one purchase that went back by a moment: refunds that were not undone, and disputes that were lost, without tax.
CREATE OR REPLACE FUNCTION returned_cents(p_workspace_id text, p_purchase_id uuid, p_as_of timestamptz) RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT without_tax((
        coalesce((SELECT sum(r.amount_cents) FROM refunds r
                  WHERE r.workspace_id = p_workspace_id AND r.purchase_id = p_purchase_id
                    AND r.status IN ('pending', 'requires_action', 'succeeded') AND r.refunded_at <= p_as_of), 0)
        + coalesce((SELECT sum(d.amount_cents) FROM disputes d
                    WHERE d.workspace_id = p_workspace_id AND d.purchase_id = p_purchase_id
                      AND d.status = 'lost' AND coalesce(d.closed_at, d.opened_at) <= p_as_of), 0)
    )::bigint, p.revenue_cents, p.charged_cents)
    FROM extra_minutes_purchases p WHERE p.workspace_id = p_workspace_id AND p.purchase_id = p_purchase_id
$$;
