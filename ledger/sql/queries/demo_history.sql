-- What the demo company of this database was asked to be, and whether it is told to the end.
SELECT story, workspaces, months, until, seed, finished_at IS NOT NULL AS finished FROM demo_history
