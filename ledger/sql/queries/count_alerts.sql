-- Open alerts by kind, the most frequent first.
SELECT kind, count(*) AS alerts FROM payment_alerts WHERE closed_at IS NULL GROUP BY kind ORDER BY count(*) DESC, kind
