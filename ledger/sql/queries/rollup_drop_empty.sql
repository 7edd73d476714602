WITH months AS (DELETE FROM monthly_rollups WHERE n = 0)
DELETE FROM daily_rollups WHERE n = 0
