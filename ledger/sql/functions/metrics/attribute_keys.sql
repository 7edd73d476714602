-- Each key of an attribute once: from one to the next greater one, so that it costs as many steps as there are keys.
CREATE OR REPLACE FUNCTION attribute_keys() RETURNS SETOF text
LANGUAGE plpgsql STABLE AS $$
DECLARE
    last_key text := '';
BEGIN
    LOOP
        SELECT a.key INTO last_key FROM workspace_attributes a WHERE a.key > last_key ORDER BY a.key LIMIT 1;
        EXIT WHEN NOT FOUND;
        RETURN NEXT last_key;
    END LOOP;
END $$;
