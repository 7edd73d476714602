-- Everything that can be made again from entries, lots, payments and plan spells.
WITH marks AS (DELETE FROM rollup_marks), months AS (DELETE FROM monthly_usage_cache), epochs AS (DELETE FROM usage_by_epoch),
     unmet AS (DELETE FROM unmet_days), lot AS (DELETE FROM lot_days), days AS (DELETE FROM workspace_days),
     whole_months AS (DELETE FROM monthly_rollups)
DELETE FROM daily_rollups
