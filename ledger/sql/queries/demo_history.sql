-- What the demo company of this database was asked to be, and how far it is.
SELECT story, workspaces, months, until, seed, through, finished_at IS NOT NULL AS finished FROM demo_history
