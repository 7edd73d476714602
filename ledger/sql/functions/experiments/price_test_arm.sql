-- The arm a workspace is in: the same answer for ever, no row needed, independent between tests.
CREATE OR REPLACE FUNCTION price_test_arm(p_workspace_id text, p_test text, p_arms text[]) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT p_arms[1 + ('x' || left(md5(p_test || ':' || p_workspace_id), 15))::bit(60)::bigint % cardinality(p_arms)];
$$;
