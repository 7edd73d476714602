-- How many workspaces first hit the limit in a period, counted only up to :limit.
SELECT count(*) FROM (
    SELECT 1 FROM first_hits h
    WHERE h.source = :source AND h.at >= :start AND h.at < :end AND h.at <= :as_of
    LIMIT :limit
) counted
