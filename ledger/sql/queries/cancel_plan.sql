SELECT cancel_plan(:workspace_id, :at)
