-- Tables of a workspace that an import may write beside its entries and what hangs on them; a table before those it refers to.
CREATE OR REPLACE FUNCTION import_tables() RETURNS text[]
LANGUAGE sql IMMUTABLE AS $$
    SELECT ARRAY['stripe_invoice_lines', 'stripe_invoices', 'stripe_subscriptions', 'refunds', 'disputes', 'idempotency_keys',
                 'payment_objects', 'stored_lots', 'extra_minutes_purchases', 'workspace_minutes', 'subscriptions']
$$;
