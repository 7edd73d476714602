DELETE FROM daily_rollups WHERE n = 0
