-- What each role may give away without a second person.
SELECT role, minutes_per_grant, minutes_per_day, cents_per_refund, cents_per_day
FROM staff_limits
ORDER BY role
