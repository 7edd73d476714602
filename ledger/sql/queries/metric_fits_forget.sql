DELETE FROM metric_fits WHERE wanted_at < :before
