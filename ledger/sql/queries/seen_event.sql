SELECT event_id, status FROM stripe_events WHERE event_id = :event_id;
