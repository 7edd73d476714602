UPDATE sandbox_state SET ahead_seconds = :ahead_seconds
