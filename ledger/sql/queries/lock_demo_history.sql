-- One story teller at a time, for as long as its session lasts.
SELECT pg_try_advisory_lock(7205759403794)
