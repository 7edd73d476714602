-- What staff wrote about the customer goes.
DELETE FROM notes WHERE workspace_id = :workspace_id
