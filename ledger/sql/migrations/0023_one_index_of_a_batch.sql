-- One index serves a batch and each workspace of it, in the order of both.
DROP INDEX use_batches_batch;
CREATE INDEX use_batches_of_workspace ON use_batches (batch, workspace_id, n);
