-- What of a row must stay the same, so that an import that wrote it can be undone. Minutes move with entries only, which are compared
-- by their numbers; of the balance, the plan counts. When Stripe was last read changes nothing.
CREATE OR REPLACE FUNCTION digest_of_row(p_table text, p_image jsonb) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT md5((CASE p_table
        WHEN 'stored_lots' THEN '{}'
        WHEN 'workspace_minutes' THEN jsonb_build_object(
            'plan', p_image -> 'plan', 'billing_cycle', p_image -> 'billing_cycle', 'managed_by', p_image -> 'managed_by',
            'subscription_no', p_image -> 'subscription_no', 'anchor_at', p_image -> 'anchor_at')
        ELSE p_image - 'synced_at' END)::text)
$$;
