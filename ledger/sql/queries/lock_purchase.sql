-- Payments of one purchase are told one after the other; rows that point to it may still be written.
SELECT * FROM extra_minutes_purchases
WHERE workspace_id = :workspace_id AND purchase_id = :purchase_id FOR NO KEY UPDATE;
