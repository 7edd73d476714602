-- What staff and programs have set: addresses of events, subscriptions to alerts, attributes, experiments, annotations, saved
-- scenarios. As sealed_facts shows them; of a secret only its digest.
CREATE OR REPLACE VIEW sealed_settings AS
    SELECT 'webhook_endpoints' AS chain, w.endpoint_id::text AS subject, 0::bigint AS version, jsonb_strip_nulls(jsonb_build_object(
        'url', w.url, 'events', w.events, 'created_at', w.created_at, 'created_by', w.created_by, 'approval_id', w.approval_id)) AS facts
    FROM webhook_endpoints w
    UNION ALL
    SELECT 'approved_endpoints', w.endpoint_id::text, 0, jsonb_build_object('approved_by', w.approved_by)
    FROM webhook_endpoints w WHERE w.approved_by IS NOT NULL
    UNION ALL
    SELECT 'deleted_endpoints', w.endpoint_id::text, 0, jsonb_build_object('deleted_at', w.deleted_at, 'deleted_by', w.deleted_by)
    FROM webhook_endpoints w WHERE w.deleted_at IS NOT NULL
    UNION ALL
    SELECT 'endpoint_secrets', w.endpoint_id::text, (SELECT count(*) FROM audit l
            WHERE l.subject = w.endpoint_id::text AND l.action = 'rotate_webhook_secret'),
        jsonb_build_object('secret', encode(sha256(convert_to(w.secret, 'UTF8')), 'hex'))
    FROM webhook_endpoints w
    UNION ALL
    SELECT 'alert_subscriptions', s.alert_id::text, 0, jsonb_strip_nulls(jsonb_build_object(
        'kind', s.kind, 'source', s.source, 'metric', s.metric, 'days', s.days, 'direction', s.direction, 'threshold', s.threshold,
        'channel', s.channel, 'target', s.target, 'secret', encode(sha256(convert_to(s.secret, 'UTF8')), 'hex'),
        'created_by', s.created_by, 'created_at', s.created_at, 'approval_id', s.approval_id))
    FROM alert_subscriptions s
    UNION ALL
    SELECT 'approved_alerts', s.alert_id::text, 0, jsonb_build_object('approved_by', s.approved_by)
    FROM alert_subscriptions s WHERE s.approved_by IS NOT NULL
    UNION ALL
    SELECT 'stopped_alerts', s.alert_id::text, 0, jsonb_build_object('stopped_at', s.stopped_at)
    FROM alert_subscriptions s WHERE s.stopped_at IS NOT NULL
    UNION ALL
    SELECT 'attributes', concat(a.workspace_id, '/', a.key), (extract(epoch FROM a.set_at) * 1000000)::bigint, jsonb_build_object(
        'value', a.value, 'segment', a.segment, 'is_number', a.is_number, 'set_by', a.set_by)
    FROM workspace_attributes a
    UNION ALL
    SELECT 'hold_outs', h.hold_out, 0, jsonb_build_object(
        'source', h.source, 'starts_at', h.starts_at, 'created_by', h.created_by, 'share_percent', h.share_percent,
        'hits_needed', h.hits_needed, 'reason', h.reason, 'recorded_at', h.recorded_at)
    FROM hold_outs h
    UNION ALL
    SELECT 'ended_hold_outs', h.hold_out, 0, jsonb_build_object('ends_at', h.ends_at)
    FROM hold_outs h WHERE h.ends_at IS NOT NULL
    UNION ALL
    SELECT 'price_test_designs', d.design_id::text, 0, to_jsonb(d)
    FROM price_test_designs d
    UNION ALL
    SELECT 'annotations', n.annotation_id::text, 0, jsonb_strip_nulls(jsonb_build_object(
        'at', n.at, 'kind', n.kind, 'metric', n.metric, 'text', n.text, 'created_by', n.created_by))
    FROM annotations n
    UNION ALL
    SELECT 'goals', concat(g.metric, '/', g.source), (extract(epoch FROM g.set_at) * 1000000)::bigint, jsonb_build_object(
        'value', g.value, 'set_by', g.set_by)
    FROM goals g
    UNION ALL
    SELECT 'scenarios', c.scenario_id::text, 0, to_jsonb(c)
    FROM pricing_scenarios c;

-- grants
GRANT SELECT ON sealed_settings TO ledger_app;
