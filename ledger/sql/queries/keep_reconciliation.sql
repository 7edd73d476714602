INSERT INTO reconciliations
    (since, until, source, actor, checked_payments, checked_purchases, repaired, findings, at)
VALUES (:since, :until, :source, :actor, :checked_payments, :checked_purchases, :repaired,
        CAST(:findings AS jsonb), :at)
RETURNING reconciliation_id;
