-- The day-level sums again by whole months, so that a long period costs as many rows as it has months.

CREATE TABLE monthly_rollups (
    metric text COLLATE "C" NOT NULL,
    source text COLLATE "C" NOT NULL,
    month date NOT NULL,
    plan text COLLATE "C" NOT NULL,
    billing_cycle text COLLATE "C" NOT NULL,
    package text COLLATE "C" NOT NULL,
    currency text COLLATE "C" NOT NULL,
    part text COLLATE "C" NOT NULL,
    value numeric NOT NULL,
    weight bigint NOT NULL,
    n bigint NOT NULL,
    PRIMARY KEY (metric, source, month, plan, billing_cycle, package, currency, part)
);
COMMENT ON COLUMN monthly_rollups.month IS 'First day of the month in the report time zone.';

INSERT INTO monthly_rollups (metric, source, month, plan, billing_cycle, package, currency, part, value, weight, n)
SELECT metric, source, CAST(date_trunc('month', CAST(day AS timestamp)) AS date), plan, billing_cycle, package, currency, part,
       sum(value), CAST(sum(weight) AS bigint), CAST(sum(n) AS bigint)
FROM daily_rollups
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8;

INSERT INTO table_kinds (table_name, kind, key_column) VALUES ('monthly_rollups', 'local', 'metric');

-- grants
GRANT SELECT, INSERT, UPDATE, DELETE ON monthly_rollups TO ledger_app;
