-- The part of a payment's money that is revenue, not tax.
CREATE OR REPLACE FUNCTION without_tax(p_cents bigint, p_revenue_cents bigint, p_charged_cents bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN p_revenue_cents = p_charged_cents THEN p_cents
                ELSE round(p_cents::numeric * p_revenue_cents / p_charged_cents)::bigint END
$$;
