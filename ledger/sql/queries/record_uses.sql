SELECT * FROM record_uses(:batch, :workspace_ids, :minutes, :keys, :ats, :durations)
