-- The plans, with the minutes of one month.
SELECT plan, name, minutes FROM plans ORDER BY plan;
