SELECT * FROM extra_minutes_purchases WHERE workspace_id = :workspace_id AND purchase_id = :purchase_id;
