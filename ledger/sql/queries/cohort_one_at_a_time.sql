-- Two rehearsals that ask for their turn at once are given one after the other.
SELECT pg_advisory_xact_lock(7205759403795)
