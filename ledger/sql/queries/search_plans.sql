-- The plans, the smallest first.
SELECT plan FROM plans ORDER BY minutes, plan
