SELECT created, event_no AS no FROM sandbox_events WHERE id = :id
