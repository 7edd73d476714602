COMMENT ON TABLE schema_migrations IS 'What `migrate` has applied to this database.';
COMMENT ON COLUMN schema_migrations.version IS 'Number of the migration; `burn_order` and `comments` for what else was applied.';
COMMENT ON COLUMN schema_migrations.name IS 'File name of the migration without its suffix.';
COMMENT ON COLUMN schema_migrations.sha256 IS 'SHA-256 of what was applied; a migration that differs is refused.';
COMMENT ON COLUMN schema_migrations.applied_at IS 'When it was applied.';

COMMENT ON COLUMN table_kinds.table_name IS 'Table in schema public.';
COMMENT ON COLUMN table_kinds.kind IS 'workspace, reference (copied everywhere), own-key or local.';
COMMENT ON COLUMN table_kinds.key_column IS 'Column that decides where a row lives.';
COMMENT ON CONSTRAINT table_kinds_kind_check ON table_kinds IS 'Only four ways to spread a table are supported.';

COMMENT ON TABLE plans IS 'Plans on offer; a new row is a new plan everywhere.';
COMMENT ON COLUMN plans.plan IS 'Code of the plan, used by the API and by filters.';
COMMENT ON COLUMN plans.name IS 'Name that people see.';
COMMENT ON CONSTRAINT plans_minutes_range ON plans IS 'At most a million minutes a month; without minutes there is nothing to allocate.';

COMMENT ON TABLE workspaces IS 'Customers: everything else belongs to a workspace.';
COMMENT ON COLUMN workspaces.workspace_id IS 'Identifier that your own system chose.';
COMMENT ON COLUMN workspaces.name IS 'Name that people see.';
COMMENT ON COLUMN workspaces.owner_email IS 'Address of the owner; personal data.';
COMMENT ON COLUMN workspaces.created_by IS 'Person, key or job that created the row.';
COMMENT ON COLUMN workspaces.created_at IS 'Business time of creation.';
COMMENT ON CONSTRAINT workspaces_id_shape ON workspaces IS 'Identifiers fit into URLs, file names and logs.';
COMMENT ON CONSTRAINT workspaces_name_length ON workspaces IS 'A name is readable and fits on a page.';
COMMENT ON CONSTRAINT workspaces_email_length ON workspaces IS 'An address has at most the length that e-mail allows.';
COMMENT ON CONSTRAINT workspaces_source ON workspaces IS 'A number of one mode is never added to a number of another.';

COMMENT ON TABLE subscriptions IS 'Periods of one plan and billing cycle, as the ledger sees them.';
COMMENT ON COLUMN subscriptions.workspace_id IS 'Workspace that has the plan.';
COMMENT ON COLUMN subscriptions.subscription_no IS 'Number within the workspace, from 1.';
COMMENT ON COLUMN subscriptions.plan IS 'Plan during this period.';
COMMENT ON COLUMN subscriptions.billing_cycle IS 'monthly or annual; an annual plan allocates twelve months at once.';
COMMENT ON COLUMN subscriptions.managed_by IS 'Who decides when minutes come: the ledger by the calendar, or Stripe by paid invoices.';
COMMENT ON COLUMN subscriptions.started_at IS 'Business time of the beginning.';
COMMENT ON COLUMN subscriptions.ended_at IS 'Business time of the end; null while the period runs.';
COMMENT ON CONSTRAINT subscriptions_cycle ON subscriptions IS 'Two billing cycles are supported.';
COMMENT ON CONSTRAINT subscriptions_managed_by ON subscriptions IS 'Exactly one side decides when minutes come.';
COMMENT ON CONSTRAINT subscriptions_end_after_start ON subscriptions IS 'A period never ends before it begins.';
COMMENT ON CONSTRAINT subscriptions_plan_fkey ON subscriptions IS 'The plan exists.';

COMMENT ON TABLE workspace_attributes IS 'What else is known about a workspace, such as seats, country or channel; every key filters every metric.';
COMMENT ON COLUMN workspace_attributes.workspace_id IS 'Workspace that the attribute describes.';
COMMENT ON COLUMN workspace_attributes.key IS 'Name of the attribute.';
COMMENT ON COLUMN workspace_attributes.value IS 'Value as it was set.';
COMMENT ON COLUMN workspace_attributes.set_by IS 'Person or key that set it.';
COMMENT ON COLUMN workspace_attributes.set_at IS 'When it was set.';
COMMENT ON CONSTRAINT workspace_attributes_key_shape ON workspace_attributes IS 'Keys can be used as names of filters.';
COMMENT ON CONSTRAINT workspace_attributes_value_length ON workspace_attributes IS 'A value is not empty and fits into a filter.';
COMMENT ON CONSTRAINT workspace_attributes_segment_length ON workspace_attributes IS 'A segment is not empty and fits into a filter.';

COMMENT ON FUNCTION lock_workspace IS 'Locks the balance row of a workspace and returns it, with the current lot written back.';
COMMENT ON FUNCTION lock_free_workspaces IS 'Locks those of these workspaces that nobody holds, in sorted order, and returns the others.';
COMMENT ON FUNCTION lock_with_payments IS 'Locks workspaces and their payments, the payments first, for one who moves both.';
COMMENT ON FUNCTION lock_workspaces IS 'Locks the balance rows of many workspaces in sorted order, so that two batches never deadlock.';
