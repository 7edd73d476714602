-- The attributes of a workspace without any of these keys: 'none' under each.
CREATE OR REPLACE FUNCTION attributes_unset(p_attributes jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_object_agg(wanted.key, 'none'), '{}') FROM jsonb_object_keys(p_attributes) AS wanted (key));
END $$;
