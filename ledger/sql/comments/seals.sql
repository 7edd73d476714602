COMMENT ON TABLE seal_roots IS 'Signed roots of what was booked: one for each pass of the worker; the key is outside the database.';
COMMENT ON COLUMN seal_roots.root_no IS 'Number of the root.';
COMMENT ON COLUMN seal_roots.sealed_at IS 'When it was made.';
COMMENT ON COLUMN seal_roots.leaves IS 'Number of digests under it.';
COMMENT ON COLUMN seal_roots.signature IS 'Signature over the root.';
COMMENT ON COLUMN seal_roots.key_id IS 'Which key signed it.';
COMMENT ON CONSTRAINT seal_roots_root_length ON seal_roots IS 'A root is a whole SHA-256.';

COMMENT ON TABLE entry_seals IS 'Digests over runs of entries, so that a change behind the ledger''s back shows.';
COMMENT ON COLUMN entry_seals.workspace_id IS 'Workspace of the entries.';
COMMENT ON COLUMN entry_seals.first_entry_no IS 'First entry of the run.';
COMMENT ON COLUMN entry_seals.last_entry_no IS 'Last entry of the run.';
COMMENT ON COLUMN entry_seals.digest IS 'SHA-256 over the lines of the run.';
COMMENT ON COLUMN entry_seals.root_no IS 'Root that covers it.';

COMMENT ON TABLE sealed_rows IS 'Digests of every other row that carries money, people, reasons, prices or rights.';
COMMENT ON COLUMN sealed_rows.chain IS 'Kind of row, such as audit.';
COMMENT ON COLUMN sealed_rows.subject IS 'Key of the row.';
COMMENT ON COLUMN sealed_rows.version IS 'How many times the row was changed, by the audit log or by its own time; 0 where it never is.';
COMMENT ON COLUMN sealed_rows.digest IS 'SHA-256 over what never changes of the row.';
COMMENT ON COLUMN sealed_rows.root_no IS 'Root that covers it.';

COMMENT ON VIEW sealed_lines IS 'What a seal of entries covers, one line for each entry, draw and lot.';
COMMENT ON COLUMN sealed_lines.workspace_id IS 'Workspace of the line.';
COMMENT ON COLUMN sealed_lines.entry_no IS 'Entry that the line belongs to.';
COMMENT ON COLUMN sealed_lines.part IS '0: the entry, 1: a draw, 2: the lot that it credited.';
COMMENT ON COLUMN sealed_lines.line IS 'The facts, as canonical JSON text.';

COMMENT ON VIEW sealed_facts IS 'What seals of other rows cover: one line for each row, with what never changes of it.';
COMMENT ON COLUMN sealed_facts.chain IS 'Kind of row, such as audit.';
COMMENT ON COLUMN sealed_facts.subject IS 'Key of the row.';
COMMENT ON COLUMN sealed_facts.version IS 'How many times staff changed the row, by the audit log.';
COMMENT ON COLUMN sealed_facts.line IS 'The facts, as JSON text.';
COMMENT ON COLUMN sealed_facts.digest IS 'SHA-256 of the line.';
COMMENT ON TABLE undone_seals IS 'Seals of workspaces that left with an undone import: the roots over them still hold.';
COMMENT ON COLUMN undone_seals.import_id IS 'The import that was undone.';
COMMENT ON COLUMN undone_seals.chain IS 'Kind of row; entries for a run of entries.';
COMMENT ON COLUMN undone_seals.subject IS 'Key of the row; workspace and first number for a run of entries.';
COMMENT ON COLUMN undone_seals.version IS 'Version of the row; last number for a run of entries.';
COMMENT ON COLUMN undone_seals.digest IS 'The digest that was sealed.';
COMMENT ON COLUMN undone_seals.root_no IS 'Root that covers it.';

COMMENT ON FUNCTION is_of_workspace IS 'Whether the rows of a chain belong to one workspace each, whose id begins their subject.';
COMMENT ON FUNCTION sound_seals IS 'Seals of rows of workspaces that match what was sealed.';
COMMENT ON FUNCTION undo_seals_of_additions IS 'Moves the seals of what an import added to existing workspaces to undone_seals.';
COMMENT ON FUNCTION undo_seals IS 'Moves the seals of workspaces that an undo removes to undone_seals.';

COMMENT ON VIEW sealed_payments IS 'The part of sealed_facts about plan invoices, links to Stripe and automatic top-ups.';
COMMENT ON COLUMN sealed_payments.chain IS 'Kind of row, such as invoices.';
COMMENT ON COLUMN sealed_payments.subject IS 'Key of the row.';
COMMENT ON COLUMN sealed_payments.version IS 'When it was set, in microseconds, for what may be set again; else 0.';
COMMENT ON COLUMN sealed_payments.facts IS 'What never changes of it.';
COMMENT ON VIEW sealed_settings IS 'The part of sealed_facts about what staff and programs have set.';
COMMENT ON COLUMN sealed_settings.chain IS 'Kind of row, such as webhook_endpoints.';
COMMENT ON COLUMN sealed_settings.subject IS 'Key of the row.';
COMMENT ON COLUMN sealed_settings.version IS 'When it was set, in microseconds, or how many times it was replaced, for what may change; else 0.';
COMMENT ON COLUMN sealed_settings.facts IS 'What never changes of it.';
