-- Change what one role may give away.
UPDATE staff_limits
SET minutes_per_grant = :minutes_per_grant, minutes_per_day = :minutes_per_day,
    cents_per_refund = :cents_per_refund, cents_per_day = :cents_per_day
WHERE role = :role
RETURNING role
