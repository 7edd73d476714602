coalesce((
    SELECT spell.{column} FROM subscriptions spell
    WHERE spell.workspace_id = {workspace_id} AND spell.started_at <= {at} AND (spell.ended_at IS NULL OR spell.ended_at > {at})
    ORDER BY spell.started_at DESC, spell.subscription_no DESC LIMIT 1), 'none')
