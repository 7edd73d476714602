-- Credits the monthly period from `p_due`, which names it.
CREATE OR REPLACE FUNCTION add_reset_lot(workspace workspace_minutes, p_minutes bigint, p_due timestamptz, p_arrears boolean)
RETURNS workspace_minutes
LANGUAGE sql
RETURN add_plan_lot(workspace, 'reset', p_minutes, p_due, p_arrears, to_char(p_due AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                    p_due, 'schedule', NULL, NULL);
