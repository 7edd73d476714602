-- What means the same on every table is described here, once; a table's own file, which comes later, may say more.
DO $$
DECLARE
    described record;
BEGIN
    FOR described IN
        SELECT a.attrelid::regclass AS place, a.attname AS name, alike.meaning
        FROM pg_attribute a
        JOIN pg_class c ON c.oid = a.attrelid AND c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v')
        JOIN (VALUES
            ('recorded_at', 'When the row was written.'),
            ('metric', 'Slug of the metric.'),
            ('currency', 'ISO 4217 code in lower case.'),
            ('day', 'Day in the report time zone.'),
            ('price_id', 'Price id at Stripe.'),
            ('created_at', 'When it was created.'),
            ('delivered_at', 'When it was delivered; null until then.')
        ) alike (name, meaning) ON alike.name = a.attname
        WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relispartition = false
    LOOP
        EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', described.place, described.name, described.meaning);
    END LOOP;
    FOR described IN
        SELECT k.conrelid::regclass AS place, k.conname AS name FROM pg_constraint k
        WHERE k.contype = 'f' AND k.confrelid = 'workspaces'::regclass AND k.conname LIKE '%\_workspace\_id\_fkey'
    LOOP
        EXECUTE format('COMMENT ON CONSTRAINT %I ON %s IS %L', described.name, described.place, 'The workspace exists.');
    END LOOP;
END $$;
