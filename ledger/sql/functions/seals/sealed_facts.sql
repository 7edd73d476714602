-- Everything else that carries money, people, reasons, prices or rights, a row each with what never changes of it.
-- What is set once (a payment, a decision, a revocation) is a chain of its own: its rows appear when it is set.
-- What staff may change (people, limits) has a version that counts the lines of the audit log about it.
CREATE OR REPLACE VIEW sealed_facts AS
    SELECT chain, subject, version, facts::text AS line, sha256(convert_to(facts::text, 'UTF8')) AS digest
    FROM (
    SELECT 'audit' AS chain, a.audit_no::text AS subject, 0::bigint AS version, jsonb_strip_nulls(jsonb_build_object(
        'at', a.at, 'recorded_at', a.recorded_at, 'actor', a.actor, 'role', a.role, 'action', a.action, 'workspace_id', a.workspace_id,
        'about', a.subject, 'minutes', a.minutes, 'amount_cents', a.amount_cents, 'before', a.before, 'after', a.after,
        'reason', a.reason, 'request_id', a.request_id)) AS facts
    FROM audit a
    UNION ALL
    SELECT 'approvals', p.approval_id::text, 0, jsonb_strip_nulls(jsonb_build_object(
        'action', p.action, 'workspace_id', p.workspace_id, 'body', p.body, 'minutes', p.minutes, 'amount_cents', p.amount_cents,
        'reason', p.reason, 'requested_by', p.requested_by, 'requested_role', p.requested_role, 'requested_at', p.requested_at))
    FROM approvals p
    UNION ALL
    SELECT 'decisions', p.approval_id::text, 0, jsonb_strip_nulls(jsonb_build_object(
        'state', p.state, 'decided_by', p.decided_by, 'decided_at', p.decided_at, 'reason', p.decision_reason))
    FROM approvals p WHERE p.state <> 'waiting'
    UNION ALL
    SELECT 'purchases', concat(b.workspace_id, '/', b.purchase_id), 0, jsonb_strip_nulls(jsonb_build_object(
        'key', b.key, 'body', b.body, 'source', b.source, 'package', b.package, 'version', b.package_version, 'arm', b.package_arm,
        'name', b.package_name, 'minutes', b.minutes, 'amount_cents', b.amount_cents, 'currency', b.currency, 'actor', b.actor,
        'created_at', b.created_at, 'recorded_at', b.recorded_at))
    FROM extra_minutes_purchases b
    UNION ALL
    SELECT 'payments', concat(b.workspace_id, '/', b.purchase_id), 0, jsonb_strip_nulls(jsonb_build_object(
        'paid_at', b.paid_at, 'tax_cents', nullif(b.tax_cents, 0), 'discount_cents', nullif(b.discount_cents, 0)))
    FROM extra_minutes_purchases b WHERE b.paid_at IS NOT NULL
    UNION ALL
    SELECT 'refunds', concat(r.workspace_id, '/', r.refund_id), 0, jsonb_build_object(
        'purchase_id', r.purchase_id, 'amount_cents', r.amount_cents, 'currency', r.currency, 'refunded_at', r.refunded_at,
        'recorded_at', r.recorded_at)
    FROM refunds r
    UNION ALL
    SELECT 'refund_requests', concat(q.workspace_id, '/', q.purchase_id, '/', q.refund_no), 0, jsonb_build_object(
        'key', q.key, 'amount_cents', q.amount_cents, 'held_minutes', q.held_minutes, 'actor', q.actor, 'reason', q.reason, 'at', q.at,
        'recorded_at', q.recorded_at)
    FROM refund_requests q
    UNION ALL
    SELECT 'disputes', concat(d.workspace_id, '/', d.dispute_id), 0, jsonb_build_object(
        'purchase_id', d.purchase_id, 'amount_cents', d.amount_cents, 'currency', d.currency, 'opened_at', d.opened_at,
        'recorded_at', d.recorded_at)
    FROM disputes d
    UNION ALL
    SELECT 'events', s.event_id, 0, jsonb_strip_nulls(jsonb_build_object(
        'type', s.type, 'livemode', s.livemode, 'source', s.source, 'object_id', s.object_id, 'created', s.created,
        'received_at', s.received_at, 'delivered_by', s.delivered_by, 'sha256', s.sha256))
    FROM stripe_events s
    UNION ALL
    SELECT 'event_bodies', s.event_id, 0, jsonb_build_object('raw', encode(sha256(s.raw), 'hex'))
    FROM stripe_events s WHERE s.raw IS NOT NULL
    UNION ALL
    SELECT 'packages', concat(k.code, '/', k.version, '/', k.arm), 0, jsonb_build_object(
        'name', k.name, 'minutes', k.minutes, 'amount_cents', k.amount_cents, 'currency', k.currency, 'valid_from', k.valid_from,
        'created_by', k.created_by, 'recorded_at', k.recorded_at)
    FROM extra_minutes_packages k
    UNION ALL
    SELECT 'plans', x.plan, 0, jsonb_build_object('name', x.name, 'minutes', x.minutes)
    FROM plans x
    UNION ALL
    SELECT 'plan_prices', c.price_id, 0, jsonb_strip_nulls(jsonb_build_object(
        'product_id', c.product_id, 'plan', c.plan, 'billing_cycle', c.billing_cycle, 'amount_cents', c.amount_cents,
        'currency', c.currency, 'valid_from', c.valid_from, 'created_by', c.created_by, 'recorded_at', c.recorded_at))
    FROM plan_prices c
    UNION ALL
    SELECT 'price_tests', t.test, 0, jsonb_build_object(
        'arms', t.arms, 'starts_at', t.starts_at, 'created_by', t.created_by, 'recorded_at', t.recorded_at)
    FROM price_tests t
    UNION ALL
    SELECT 'staff', f.email, (SELECT count(*) FROM audit l WHERE l.subject = f.email AND l.action IN (
            'add_staff', 'disable_staff', 'first_sign_in', 'approve_staff')),
        jsonb_strip_nulls(jsonb_build_object(
        'name', f.name, 'role', f.role, 'issuer', f.issuer, 'identity', f.subject, 'added_at', f.added_at, 'added_by', f.added_by,
        'disabled_at', f.disabled_at))
    FROM staff f
    UNION ALL
    SELECT 'limits', m.role, (SELECT count(*) FROM audit l WHERE l.subject = m.role AND l.action IN ('set_limits', 'approve_limits')),
        jsonb_build_object(
        'minutes_per_grant', m.minutes_per_grant, 'minutes_per_day', m.minutes_per_day, 'cents_per_refund', m.cents_per_refund,
        'cents_per_day', m.cents_per_day)
    FROM staff_limits m
    UNION ALL
    SELECT 'api_keys', y.key_id, 0, jsonb_build_object(
        'name', y.name, 'secret_hash', encode(y.secret_hash, 'hex'), 'scopes', y.scopes, 'created_at', y.created_at,
        'created_by', y.created_by, 'workspace_id', y.workspace_id, 'expires_at', y.expires_at,
        'grant_minutes_per_day', y.grant_minutes_per_day, 'approval_id', y.approval_id)
    FROM api_keys y
    UNION ALL
    SELECT 'approved_keys', y.key_id, 0, jsonb_build_object('approved_by', y.approved_by)
    FROM api_keys y WHERE y.approved_by IS NOT NULL
    UNION ALL
    SELECT 'revoked_keys', y.key_id, 0, jsonb_build_object('revoked_at', y.revoked_at, 'revoked_by', y.revoked_by)
    FROM api_keys y WHERE y.revoked_at IS NOT NULL
    UNION ALL
    SELECT 'bulk_grants', g.batch_id::text, 0, jsonb_build_object(
        'title', g.title, 'reason', g.reason, 'created_by', g.created_by, 'created_at', g.created_at, 'needs_approval', g.needs_approval)
    FROM grant_batches g
    UNION ALL
    SELECT 'bulk_grant_approvals', g.batch_id::text, 0, jsonb_build_object('approved_by', g.approved_by)
    FROM grant_batches g WHERE g.approved_by IS NOT NULL
    UNION ALL
    SELECT 'undone_bulk_grants', g.batch_id::text, 0, jsonb_build_object('undone_by', g.undone_by)
    FROM grant_batches g WHERE g.undone_by IS NOT NULL
    UNION ALL
    SELECT 'bulk_grant_rows', concat(o.batch_id, '/', o.row_no), 0, jsonb_build_object(
        'workspace_id', o.workspace_id, 'minutes', o.minutes)
    FROM grant_batch_rows o
    UNION ALL
    SELECT 'closed_months', concat_ws('/', h.metric, h.source, h.month, h.currency, h.revision), 0, jsonb_strip_nulls(jsonb_build_object(
        'value', h.value, 'low', h.low, 'high', h.high, 'n', h.n, 'pending', h.pending, 'reason', h.reason,
        'definition_version', h.definition_version, 'report_timezone', h.report_timezone, 'as_of', h.as_of,
        'computed_at', h.computed_at, 'sum_of_values', h.sum_of_values, 'sum_of_weights', h.sum_of_weights, 'row_count', h.row_count,
        'facts', h.facts, 'causes', h.causes))
    FROM closed_months h
    UNION ALL
    SELECT 'reconciliations', n.reconciliation_id::text, 0, jsonb_build_object(
        'since', n.since, 'until', n.until, 'source', n.source, 'actor', n.actor, 'checked_payments', n.checked_payments,
        'checked_purchases', n.checked_purchases, 'repaired', n.repaired, 'findings', n.findings, 'at', n.at,
        'recorded_at', n.recorded_at)
    FROM reconciliations n
    UNION ALL
    SELECT 'workspaces', w.workspace_id, 0, jsonb_build_object(
        'source', w.source, 'created_by', w.created_by, 'created_at', w.created_at, 'recorded_at', w.recorded_at)
    FROM workspaces w
    UNION ALL
    SELECT 'imports', u.import_id::text, 0, jsonb_build_object(
        'source', u.source, 'origin', u.origin, 'mapping', u.mapping, 'actor', u.actor, 'started_at', u.started_at,
        'older_workspaces', u.older_workspaces, 'recorded_at', u.recorded_at)
    FROM imports u
    UNION ALL
    SELECT 'import_undos', u.import_id::text, 0, jsonb_build_object(
        'undone_at', u.undone_at, 'undone_by', u.undone_by, 'workspaces', u.undone_workspaces)
    FROM imports u WHERE u.undone_at IS NOT NULL
    UNION ALL
    SELECT 'imported_workspaces', concat(i.workspace_id, '/', i.import_id), 0, jsonb_build_object('import_id', i.import_id)
    FROM imported_workspaces i
    UNION ALL
    SELECT 'import_additions', concat(j.workspace_id, '/', j.import_id), j.from_no, jsonb_build_object('to_no', j.to_no)
    FROM import_additions j
    UNION ALL
    SELECT 'plan_periods', concat(z.workspace_id, '/', z.subscription_no), 0, jsonb_build_object(
        'plan', z.plan, 'billing_cycle', z.billing_cycle, 'managed_by', z.managed_by, 'started_at', z.started_at)
    FROM subscriptions z
    UNION ALL
    SELECT 'notes', concat(v.workspace_id, '/', v.note_id), 0, jsonb_build_object('text', v.text, 'author', v.author, 'at', v.at)
    FROM notes v
    UNION ALL
    SELECT * FROM sealed_payments
    UNION ALL
    SELECT * FROM sealed_settings
    ) every;

-- grants
GRANT SELECT ON sealed_facts TO ledger_app;
