SELECT allocate_plan(:workspace_id, :plan, :billing_cycle, :managed_by, :period_end, :key, :at, :actor, :reference)
