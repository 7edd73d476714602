-- One action of one person at a time, so that two clicks cannot both be the last one below the daily limit.
SELECT pg_advisory_xact_lock(hashtextextended(:actor, 7))
