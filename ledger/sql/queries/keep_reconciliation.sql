INSERT INTO reconciliations
    (reconciliation_id, since, until, source, actor, checked_payments, checked_purchases, repaired, findings, at)
VALUES (:reconciliation_id, :since, :until, :source, :actor, :checked_payments, :checked_purchases, :repaired,
        CAST(:findings AS jsonb), :at);
