-- Links to receipts lead to the customer's name at Stripe; money and ids stay.
UPDATE extra_minutes_purchases SET receipt_url = NULL
WHERE workspace_id = :workspace_id AND receipt_url IS NOT NULL
