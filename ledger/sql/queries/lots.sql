-- name: add_lot
SELECT add_lot(:workspace_id, :kind, :minutes, :purchase_id, :key, :at, :actor, :reason, :reference);

-- name: give_back
SELECT give_back(:workspace_id, :lot_id, :minutes, :key, :at, :actor, :reason, :reference);

-- name: take_from_lot
SELECT take_from_lot(:workspace_id, :lot_id, :minutes, :strict, :kind, :key, :at, :actor, :reason, :reference);
