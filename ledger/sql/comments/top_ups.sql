COMMENT ON COLUMN auto_top_ups.workspace_id IS 'Workspace whose minutes are topped up.';
COMMENT ON COLUMN auto_top_ups.package IS 'Code of the package to buy.';
COMMENT ON COLUMN auto_top_ups.enabled IS 'Whether it is on.';
COMMENT ON COLUMN auto_top_ups.changed_at IS 'When the settings last changed.';
COMMENT ON COLUMN auto_top_ups.changed_by IS 'Person who changed them.';
COMMENT ON CONSTRAINT auto_top_ups_trigger ON auto_top_ups IS 'A top-up starts at a threshold of the gauge.';
COMMENT ON CONSTRAINT auto_top_ups_limit_positive ON auto_top_ups IS 'A limit of 0 would be a top-up that is off.';
COMMENT ON CONSTRAINT auto_top_ups_declines_not_negative ON auto_top_ups IS 'Declines are counted.';
COMMENT ON CONSTRAINT auto_top_ups_reason_not_blank ON auto_top_ups IS 'A pause says why.';

COMMENT ON COLUMN top_ups.workspace_id IS 'Workspace that was topped up.';
COMMENT ON COLUMN top_ups.epoch IS 'Epoch in which it triggered; one top-up in each.';
COMMENT ON COLUMN top_ups.purchase_id IS 'Purchase that was made; null when none was.';
COMMENT ON COLUMN top_ups.outcome IS 'State of the top-up, or why nothing was bought.';
COMMENT ON COLUMN top_ups.detail IS 'One sentence for people: what went wrong.';
COMMENT ON COLUMN top_ups.at IS 'When it triggered.';
COMMENT ON CONSTRAINT top_ups_outcome ON top_ups IS 'Every state has a defined next step.';
COMMENT ON CONSTRAINT top_ups_purchase ON top_ups IS 'The purchase belongs to the same workspace.';
COMMENT ON CONSTRAINT top_ups_bought_something ON top_ups IS 'Without a purchase there is a reason.';
COMMENT ON CONSTRAINT top_ups_workspace_id_fkey ON top_ups IS 'The workspace has top-up settings.';

COMMENT ON COLUMN portal_links.token_sha256 IS 'SHA-256 of the token in the address.';
COMMENT ON COLUMN portal_links.workspace_id IS 'Workspace that the page shows.';
COMMENT ON COLUMN portal_links.return_url IS 'Where the page sends the customer back to; null shows no link.';
COMMENT ON COLUMN portal_links.created_by IS 'Person or key that created it.';
COMMENT ON COLUMN portal_links.expires_at IS 'When it stops working.';
COMMENT ON CONSTRAINT portal_links_end_after_start ON portal_links IS 'A link works for a while.';
