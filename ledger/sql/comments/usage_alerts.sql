COMMENT ON TABLE usage_alerts IS 'Thresholds and limits that workspaces reached, each once in an epoch: counted by metrics and sent as alerts.';
COMMENT ON COLUMN usage_alerts.workspace_id IS 'Workspace that reached it.';
COMMENT ON COLUMN usage_alerts.epoch IS 'Epoch in which it happened; every credit opens the next.';
COMMENT ON COLUMN usage_alerts.kind IS 'used_80, used_90, used_100, plan_exhausted or limit_hit.';
COMMENT ON COLUMN usage_alerts.entry_no IS 'Entry of the use that reached it.';
COMMENT ON COLUMN usage_alerts.at IS 'Business time of that use.';
COMMENT ON COLUMN usage_alerts.recorded_at IS 'When that use was booked.';
COMMENT ON COLUMN usage_alerts.unmet_minutes IS 'Minutes that a limit hit left unmet.';
COMMENT ON COLUMN usage_alerts.delivery IS 'State of the alert: pending, delivered, dead (given up) or off (not to be sent).';
COMMENT ON COLUMN usage_alerts.attempts IS 'Delivery attempts so far.';
COMMENT ON COLUMN usage_alerts.next_attempt_at IS 'When delivery is tried next.';
COMMENT ON COLUMN usage_alerts.last_error IS 'Why the last attempt failed; null when none did.';
COMMENT ON CONSTRAINT usage_alerts_kind ON usage_alerts IS 'Only kinds that metrics and receivers know.';
COMMENT ON CONSTRAINT usage_alerts_delivery ON usage_alerts IS 'Every state has a defined next step.';
COMMENT ON CONSTRAINT usage_alerts_entry_of_same_workspace ON usage_alerts IS 'The use belongs to the same workspace.';

COMMENT ON TABLE warning_endpoint IS 'Where usage alerts are sent: one row, so that address and secret change together.';
COMMENT ON COLUMN warning_endpoint.singleton IS 'Always true.';
COMMENT ON COLUMN warning_endpoint.url IS 'Address that alerts are posted to.';
COMMENT ON COLUMN warning_endpoint.enabled IS 'Whether alerts are sent.';
COMMENT ON COLUMN warning_endpoint.changed_at IS 'When the settings last changed.';
COMMENT ON COLUMN warning_endpoint.changed_by IS 'Person who changed them.';
COMMENT ON CONSTRAINT warning_endpoint_is_one ON warning_endpoint IS 'There is one receiver.';
COMMENT ON CONSTRAINT warning_endpoint_url_length ON warning_endpoint IS 'An address is whole and not longer than servers accept.';
COMMENT ON CONSTRAINT warning_endpoint_secret_shape ON warning_endpoint IS 'Secrets have the form of Standard Webhooks.';

COMMENT ON VIEW limit_hits IS 'Each limit hit, as it was booked.';
COMMENT ON COLUMN limit_hits.workspace_id IS 'Workspace that reached it.';
COMMENT ON COLUMN limit_hits.epoch IS 'Epoch in which it happened; every credit opens the next.';
COMMENT ON COLUMN limit_hits.entry_no IS 'Entry of the use that reached it.';
COMMENT ON COLUMN limit_hits.at IS 'Business time of that use.';
COMMENT ON COLUMN limit_hits.recorded_at IS 'When that use was booked.';
COMMENT ON COLUMN limit_hits.unmet_minutes IS 'Minutes that a limit hit left unmet.';

COMMENT ON VIEW hit_facts IS 'Limit hits with the mode of their workspace, as metrics count them.';
COMMENT ON COLUMN hit_facts.workspace_id IS 'Workspace that reached it.';
COMMENT ON COLUMN hit_facts.epoch IS 'Epoch in which it happened; every credit opens the next.';
COMMENT ON COLUMN hit_facts.at IS 'Business time of that use.';
COMMENT ON COLUMN hit_facts.unmet_minutes IS 'Minutes that a limit hit left unmet.';
COMMENT ON COLUMN hit_facts.source IS 'The mode of the installation when the workspace was made; everything of the workspace inherits it.';

COMMENT ON COLUMN first_hits.workspace_id IS 'Workspace that reached it.';
COMMENT ON COLUMN first_hits.epoch IS 'Epoch in which it happened; every credit opens the next.';
COMMENT ON COLUMN first_hits.at IS 'Business time of that use.';
COMMENT ON COLUMN first_hits.unmet_minutes IS 'Minutes that a limit hit left unmet.';
COMMENT ON COLUMN first_hits.source IS 'The mode of the installation when the workspace was made; everything of the workspace inherits it.';
