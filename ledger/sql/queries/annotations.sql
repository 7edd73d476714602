SELECT a.annotation_id, a.at, a.kind, a.metric, a.text, a.created_by
FROM annotations a
WHERE a.withdrawn_at IS NULL AND a.at >= :start AND a.at < :end
  AND (CAST(:metric AS text) IS NULL OR a.metric IS NULL OR a.metric = :metric)
UNION ALL
SELECT NULL, p.valid_from, 'price', NULL,
       p.name || ' ' || (p.amount_cents / 100.0)::numeric(12, 2) || ' ' || upper(p.currency), p.created_by
FROM extra_minutes_packages p
WHERE p.version > 1 AND p.arm = 'standard' AND p.valid_from >= :start AND p.valid_from < :end
ORDER BY 2
