-- Write down what somebody asks a second person for; the same request again changes nothing.
INSERT INTO approvals (approval_id, action, workspace_id, body, minutes, amount_cents, reason,
                       requested_by, requested_role, requested_at)
VALUES (:approval_id, :action, :workspace_id, CAST(:body AS jsonb), :minutes, :amount_cents, :reason,
        :requested_by, :requested_role, :at)
ON CONFLICT (approval_id) DO NOTHING
