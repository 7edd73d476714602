SELECT add_lot(:workspace_id, :kind, :minutes, :purchase_id, :key, :at, :actor, :reason, :reference)
