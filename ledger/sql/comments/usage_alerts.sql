COMMENT ON TABLE usage_alerts IS 'Thresholds and limits that workspaces reached, each once in an epoch: counted by metrics and posted as events.';
COMMENT ON COLUMN usage_alerts.workspace_id IS 'Workspace that reached it.';
COMMENT ON COLUMN usage_alerts.epoch IS 'Epoch in which it happened; every credit opens the next.';
COMMENT ON COLUMN usage_alerts.kind IS 'used_80, used_90, used_100, plan_exhausted or limit_hit.';
COMMENT ON COLUMN usage_alerts.entry_no IS 'Entry of the use that reached it.';
COMMENT ON COLUMN usage_alerts.at IS 'Business time of that use.';
COMMENT ON COLUMN usage_alerts.recorded_at IS 'When that use was booked.';
COMMENT ON COLUMN usage_alerts.unmet_minutes IS 'Minutes that a limit hit left unmet.';
COMMENT ON COLUMN usage_alerts.notifies IS 'Whether staff are notified: never about an imported past.';
COMMENT ON CONSTRAINT usage_alerts_kind ON usage_alerts IS 'Only kinds that metrics and receivers know.';
COMMENT ON CONSTRAINT usage_alerts_entry_of_same_workspace ON usage_alerts IS 'The use belongs to the same workspace.';


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
