-- Adds a line to the audit log, recorded now, and answers its number.
-- Runs as the owner: the application adds lines by this function alone, and neither changes, removes nor backdates one.
CREATE OR REPLACE FUNCTION add_audit_line(
    p_at timestamptz, p_actor text, p_role text, p_action text, p_workspace_id text, p_subject text, p_minutes bigint,
    p_amount_cents bigint, p_before jsonb, p_after jsonb, p_reason text, p_request_id text
) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    INSERT INTO public.audit (at, actor, role, action, workspace_id, subject, minutes, amount_cents, before, after, reason, request_id)
    VALUES (p_at, p_actor, p_role, p_action, p_workspace_id, p_subject, p_minutes, p_amount_cents, p_before, p_after, p_reason,
            p_request_id)
    RETURNING audit_no
$$;

-- grants
REVOKE EXECUTE ON FUNCTION add_audit_line(timestamptz, text, text, text, text, text, bigint, bigint, jsonb, jsonb, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION add_audit_line(timestamptz, text, text, text, text, text, bigint, bigint, jsonb, jsonb, text, text) TO ledger_app;
