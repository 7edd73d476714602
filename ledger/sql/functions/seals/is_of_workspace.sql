-- Whether the rows of a chain belong to one workspace each, whose id begins their subject.
CREATE OR REPLACE FUNCTION is_of_workspace(p_chain text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT p_chain IN ('purchases', 'payments', 'refunds', 'refund_requests', 'disputes', 'workspaces', 'plan_periods', 'notes',
                       'imported_workspaces', 'import_additions', 'invoices', 'invoice_outcomes', 'invoice_lines', 'stripe_links', 'old_balances',
                       'top_up_settings', 'top_ups', 'attributes', 'payment_objects')
$$;
