SELECT lot_id, minutes, drawn, voided, remaining FROM lots
WHERE workspace_id = :workspace_id AND purchase_id = :purchase_id;
