UPDATE sandbox_state SET faults = CAST(:faults AS jsonb)
