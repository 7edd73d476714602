-- Facts for other programs (Metabase, dbt, notebooks): read-only views without personal data, for the role ledger_reader.
-- Their names and columns are promises: columns are added at the end, and none is renamed or removed.
CREATE SCHEMA facts;
COMMENT ON SCHEMA facts IS 'Stable, documented, read-only. Days are those of the report time zone; money is in the minor unit of its currency.';

CREATE VIEW facts.workspaces AS
    SELECT w.workspace_id, w.source, w.created_at, m.plan, m.billing_cycle, m.minutes_remaining AS plan_minutes,
           m.extra_minutes_remaining AS extra_minutes, m.minutes_used, nullif(m.latest_at, '-infinity') AS latest_at,
           (SELECT jsonb_object_agg(a.key, CASE WHEN a.is_number THEN to_jsonb(CAST(a.value AS numeric)) ELSE to_jsonb(a.value) END)
            FROM workspace_attributes a WHERE a.workspace_id = w.workspace_id) AS attributes
    FROM workspaces w
    JOIN workspace_minutes m ON m.workspace_id = w.workspace_id;
COMMENT ON VIEW facts.workspaces IS 'One row for each workspace, as it is now; no names and no addresses.';
COMMENT ON COLUMN facts.workspaces.source IS 'live, stripe_test, sandbox or demo: never add numbers of two sources.';
COMMENT ON COLUMN facts.workspaces.plan_minutes IS 'Plan minutes left.';
COMMENT ON COLUMN facts.workspaces.extra_minutes IS 'Extra minutes left.';
COMMENT ON COLUMN facts.workspaces.minutes_used IS 'All minutes ever used.';
COMMENT ON COLUMN facts.workspaces.attributes IS 'Seats, country, channel, or whatever was set; null when nothing was.';
COMMENT ON COLUMN facts.workspaces.latest_at IS 'Business time of the latest entry.';

CREATE VIEW facts.limit_hits AS
    SELECT a.workspace_id, w.source, a.at, a.epoch, a.unmet_minutes,
           coalesce(s.plan, 'none') AS plan, coalesce(s.billing_cycle, 'none') AS billing_cycle,
           NOT EXISTS (SELECT 1 FROM usage_alerts e WHERE e.workspace_id = a.workspace_id AND e.kind = 'limit_hit' AND (e.at, e.epoch) < (a.at, a.epoch))
               AS is_first,
           (SELECT min(p.paid_at) FROM extra_minutes_purchases p WHERE p.workspace_id = a.workspace_id AND p.paid_at >= a.at) AS next_paid_at
    FROM usage_alerts a
    JOIN workspaces w ON w.workspace_id = a.workspace_id
    LEFT JOIN LATERAL (
        SELECT p.plan, p.billing_cycle FROM subscriptions p
        WHERE p.workspace_id = a.workspace_id AND p.started_at <= a.at AND (p.ended_at IS NULL OR p.ended_at > a.at)
        ORDER BY p.started_at DESC, p.subscription_no DESC LIMIT 1) s ON true
    WHERE a.kind = 'limit_hit';
COMMENT ON VIEW facts.limit_hits IS 'Each time a workspace had nothing left, once for each epoch (a credit opens a new one).';
COMMENT ON COLUMN facts.limit_hits.at IS 'When it happened.';
COMMENT ON COLUMN facts.limit_hits.unmet_minutes IS 'Minutes of the use that hit the limit which it could not have.';
COMMENT ON COLUMN facts.limit_hits.is_first IS 'Whether it is the first of its workspace.';
COMMENT ON COLUMN facts.limit_hits.next_paid_at IS 'When the workspace paid for extra minutes next; null: not yet.';

CREATE VIEW facts.purchases AS
    SELECT workspace_id, purchase_id, source, package, minutes, amount_cents, currency, status, created_at AS begun_at, paid_at,
           refunded_cents, fee_cents, fee_currency, dispute_status, taken_back_minutes, shortfall_minutes,
           tax_cents, discount_cents, charged_cents, revenue_cents
    FROM extra_minutes_purchases;
COMMENT ON VIEW facts.purchases IS 'Each purchase of extra minutes, whatever became of it.';
COMMENT ON COLUMN facts.purchases.amount_cents IS 'Agreed price, in the minor unit of `currency`.';
COMMENT ON COLUMN facts.purchases.paid_at IS 'Null until the money arrived.';
COMMENT ON COLUMN facts.purchases.taken_back_minutes IS 'Taken out of the lot for refunds and disputes.';
COMMENT ON COLUMN facts.purchases.shortfall_minutes IS 'Should have been taken back, but was used already.';

CREATE VIEW facts.uses_by_day AS
    SELECT e.workspace_id, w.source, CAST(e.at AT TIME ZONE z.report_timezone AS date) AS day, count(*) AS uses,
           CAST(sum(e.minutes) AS bigint) AS minutes, CAST(-sum(e.plan_delta) AS bigint) AS plan_minutes,
           CAST(-sum(e.extra_delta) AS bigint) AS extra_minutes, CAST(sum(e.unmet_minutes) AS bigint) AS unmet_minutes
    FROM entries e
    JOIN workspaces w ON w.workspace_id = e.workspace_id
    CROSS JOIN rollup_state z
    WHERE e.kind = 'use'
    GROUP BY e.workspace_id, w.source, CAST(e.at AT TIME ZONE z.report_timezone AS date);
COMMENT ON VIEW facts.uses_by_day IS 'Uses of each workspace and day. It adds up entries: ask for some workspaces, or copy it incrementally.';
COMMENT ON COLUMN facts.uses_by_day.minutes IS 'Minutes wanted: from the plan, from extra minutes, and unmet.';

CREATE VIEW facts.balances_by_day AS
    SELECT DISTINCT ON (e.workspace_id, CAST(e.at AT TIME ZONE z.report_timezone AS date))
           e.workspace_id, w.source, CAST(e.at AT TIME ZONE z.report_timezone AS date) AS day,
           e.plan_after AS plan_minutes, e.extra_after AS extra_minutes
    FROM entries e
    JOIN workspaces w ON w.workspace_id = e.workspace_id
    CROSS JOIN rollup_state z
    ORDER BY e.workspace_id, CAST(e.at AT TIME ZONE z.report_timezone AS date), e.entry_no DESC;
COMMENT ON VIEW facts.balances_by_day IS 'Minutes left after the last entry of each day that has one; other days are as the day before.';

-- grants
DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'ledger_reader') THEN
        GRANT USAGE ON SCHEMA facts TO ledger_reader;
        GRANT SELECT ON ALL TABLES IN SCHEMA facts TO ledger_reader;
    END IF;
END $$;
