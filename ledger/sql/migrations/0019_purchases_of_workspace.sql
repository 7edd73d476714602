-- What a workspace bought after its limit hit, or before, or again, is one step in this index.

CREATE INDEX purchases_paid_of_workspace ON extra_minutes_purchases (workspace_id, paid_at, purchase_id) WHERE paid_at IS NOT NULL;
