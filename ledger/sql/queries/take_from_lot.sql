SELECT take_from_lot(:workspace_id, :lot_id, :minutes, :strict, :kind, :key, :at, :actor, :reason, :reference)
