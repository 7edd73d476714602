SELECT metric, version, since, formula FROM metric_versions ORDER BY metric, version
