COMMENT ON TABLE imports IS 'Imported histories; each can be undone as a whole.';
COMMENT ON COLUMN imports.import_id IS 'Id of the import.';
COMMENT ON COLUMN imports.source IS 'Mode of the installation.';
COMMENT ON COLUMN imports.actor IS 'Person who started it.';
COMMENT ON COLUMN imports.started_at IS 'When it began.';
COMMENT ON COLUMN imports.finished_at IS 'When it ended; null while it runs.';
COMMENT ON COLUMN imports.undone_at IS 'When it was undone; null when it was not.';
COMMENT ON COLUMN imports.undone_by IS 'Person who undid it.';
COMMENT ON COLUMN imports.rows_booked IS 'Number of rows booked.';
COMMENT ON CONSTRAINT imports_source ON imports IS 'A number of one mode is never added to a number of another.';
COMMENT ON CONSTRAINT imports_undone_by_somebody ON imports IS 'An undo has a time and a person.';

COMMENT ON TABLE imported_workspaces IS 'Workspaces that came with each import.';
COMMENT ON COLUMN imported_workspaces.workspace_id IS 'Workspace that was imported.';
COMMENT ON COLUMN imported_workspaces.import_id IS 'Import that brought it.';
COMMENT ON COLUMN imported_workspaces.recorded_at IS 'When it was listed, by the database: in the transaction that made the workspace.';

COMMENT ON FUNCTION book_opening_balance IS 'Books what was left of plan and extra minutes when a workspace moved in.';
COMMENT ON FUNCTION book_past_event IS 'Books one row of an imported history; returns its workspace.';
COMMENT ON FUNCTION book_past_purchase IS 'Books a purchase that was made elsewhere, with its minutes when it was paid.';
COMMENT ON FUNCTION mark_past_write IS 'Stores the idempotency key of an imported write.';
COMMENT ON FUNCTION undo_import IS 'Deletes the workspaces of an import and all that belongs to them; returns how many. Runs as the owner.';
COMMENT ON COLUMN imports.undone_workspaces IS 'How many workspaces the undo removed.';
