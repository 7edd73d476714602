SELECT allocate_invoice(:workspace_id, :plan, :billing_cycle, :period_start, :period_end, :over, :key, :at, :actor, :reference)
