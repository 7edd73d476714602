SELECT raw FROM stripe_events WHERE event_id = :event_id;
