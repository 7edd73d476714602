SELECT give_back(:workspace_id, :lot_id, :minutes, :key, :at, :actor, :reason, :reference)
