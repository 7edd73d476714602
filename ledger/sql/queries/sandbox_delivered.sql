UPDATE sandbox_events SET due = NULL, delivered_at = :at WHERE id = ANY (CAST(:ids AS text[]))
