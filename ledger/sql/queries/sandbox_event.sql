SELECT raw FROM sandbox_events WHERE id = :id
