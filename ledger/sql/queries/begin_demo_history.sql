INSERT INTO demo_history (story, workspaces, months, until, seed) VALUES (:story, :workspaces, :months, :until, :seed)
