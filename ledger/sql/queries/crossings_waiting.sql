-- How many warnings wait and how many were given up.
SELECT (SELECT count(*) FROM (SELECT FROM crossings WHERE delivery = 'pending' LIMIT :most) p) AS pending,
       (SELECT count(*) FROM (SELECT FROM crossings WHERE delivery = 'dead' LIMIT :most) d) AS dead
