-- The revenue that one refund returns. Rounded on the sum of the refunds so far, so that they add up to the revenue.
CREATE OR REPLACE FUNCTION refund_without_tax(p_refund refunds, p_revenue_cents bigint, p_charged_cents bigint) RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN p_revenue_cents = p_charged_cents THEN p_refund.amount_cents ELSE (
        SELECT without_tax(e.cents + p_refund.amount_cents, p_revenue_cents, p_charged_cents)
               - without_tax(e.cents, p_revenue_cents, p_charged_cents)
        FROM (SELECT coalesce(sum(r.amount_cents), 0)::bigint AS cents FROM refunds r
              WHERE r.workspace_id = p_refund.workspace_id AND r.purchase_id = p_refund.purchase_id
                AND r.status IN ('pending', 'requires_action', 'succeeded')
                AND (r.refunded_at, r.refund_id) < (p_refund.refunded_at, p_refund.refund_id)) e) END
$$;
