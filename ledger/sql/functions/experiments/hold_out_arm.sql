-- The arm a workspace is in, `control` (no offer) or `treatment`: the same answer for ever, no row needed, independent of other hold-outs
-- and of price tests, also of those with the same name.
CREATE OR REPLACE FUNCTION hold_out_arm(p_workspace_id text, p_hold_out text, p_share_percent integer) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN ('x' || left(md5('hold-out:' || p_hold_out || ':' || p_workspace_id), 15))::bit(60)::bigint % 100
                     < p_share_percent THEN 'control' ELSE 'treatment' END;
$$;
