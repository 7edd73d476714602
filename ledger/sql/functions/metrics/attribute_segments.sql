-- Each segment of each key of an attribute once, in the same way; after p_limit of one key comes the next key.
CREATE OR REPLACE FUNCTION attribute_segments(p_limit bigint) RETURNS TABLE (key text, segment text)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE
    each_key text;
    last_segment text;
    n bigint;
BEGIN
    FOR each_key IN SELECT k.key FROM attribute_keys() AS k (key) LOOP
        last_segment := '';
        FOR n IN 1..p_limit LOOP
            SELECT a.segment INTO last_segment FROM workspace_attributes a
            WHERE a.key = each_key AND a.segment > last_segment ORDER BY a.segment LIMIT 1;
            EXIT WHEN NOT FOUND;
            RETURN QUERY SELECT each_key, last_segment;
        END LOOP;
    END LOOP;
END $$;
