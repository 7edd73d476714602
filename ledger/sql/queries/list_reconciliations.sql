SELECT reconciliation_id, since, until, source, actor, checked_payments, checked_purchases, repaired, findings, at
FROM reconciliations ORDER BY at DESC, reconciliation_id DESC LIMIT :limit;
