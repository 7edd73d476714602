-- Which kinds of workspace this database holds: live, stripe_test, sandbox, demo.
SELECT s.source
FROM unnest(ARRAY['live', 'stripe_test', 'sandbox', 'demo']) AS s (source)
WHERE EXISTS (SELECT 1 FROM workspaces w WHERE w.source = s.source)
