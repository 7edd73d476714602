-- Prices of plans with what the plan gives; newest first within plan and cycle.
SELECT r.price_id, r.product_id, r.plan, r.billing_cycle, r.amount_cents, r.currency, r.valid_from, r.valid_to, r.created_by,
       p.minutes * CASE r.billing_cycle WHEN 'annual' THEN 12 ELSE 1 END AS minutes
FROM plan_prices r JOIN plans p USING (plan)
ORDER BY r.plan, r.billing_cycle, r.valid_from DESC, r.price_id;
