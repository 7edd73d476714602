-- What was crossed while nobody was listening is not sent when somebody begins to.
UPDATE crossings SET delivery = 'off' WHERE delivery = 'pending' AND recorded_at < :at
