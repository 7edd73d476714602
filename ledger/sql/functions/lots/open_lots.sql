-- The open lots of a workspace in their order of use, each with the stretch of the balance it holds: [from_minute, to_minute).
CREATE OR REPLACE VIEW open_lots AS
    SELECT l.workspace_id, l.lot_id, l.kind = 'plan' AS is_plan, (sum(l.remaining) OVER in_order - l.remaining)::bigint AS from_minute,
           (sum(l.remaining) OVER in_order)::bigint AS to_minute
    FROM lots l
    WHERE l.open
    WINDOW in_order AS (PARTITION BY l.workspace_id ORDER BY l.burn_order, l.lot_id);

-- grants
GRANT SELECT ON open_lots TO ledger_app;
