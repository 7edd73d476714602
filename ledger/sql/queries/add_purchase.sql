-- No row comes back when the key was used before.
INSERT INTO extra_minutes_purchases
    (workspace_id, purchase_id, key, body, source, package, package_version, package_arm, package_name, minutes, amount_cents,
     currency, actor, created_at, attempted_at)
VALUES (:workspace_id, :purchase_id, :key, CAST(:body AS jsonb), :source, :package, :package_version, :package_arm, :package_name,
        :minutes, :amount_cents, :currency, :actor, :at, :at)
ON CONFLICT DO NOTHING
RETURNING *;
