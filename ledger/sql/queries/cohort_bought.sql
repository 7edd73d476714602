-- What the copies of a rehearsal have begun to buy in it.
SELECT workspace_id, status FROM extra_minutes_purchases WHERE workspace_id = ANY(:workspace_ids) AND key = :key;
