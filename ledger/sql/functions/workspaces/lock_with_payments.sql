-- Locks workspaces for one who moves minutes and payments alike. Whoever moves minutes for money locks its row of the payment first,
-- and the workspace then.
CREATE OR REPLACE FUNCTION lock_with_payments(p_workspace_ids text[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM public.auto_top_ups t WHERE t.workspace_id = ANY(p_workspace_ids) ORDER BY t.workspace_id FOR UPDATE;
    PERFORM 1 FROM public.stripe_subscriptions s WHERE s.workspace_id = ANY(p_workspace_ids) ORDER BY s.workspace_id, s.subscription_id FOR UPDATE;
    PERFORM 1 FROM public.stripe_invoices i WHERE i.workspace_id = ANY(p_workspace_ids) ORDER BY i.workspace_id, i.invoice_id FOR UPDATE;
    PERFORM 1 FROM public.extra_minutes_purchases p WHERE p.workspace_id = ANY(p_workspace_ids) ORDER BY p.workspace_id, p.purchase_id FOR UPDATE;
    PERFORM public.lock_workspaces(p_workspace_ids);
END $$;
