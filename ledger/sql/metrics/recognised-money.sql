-- name: Prepaid money already earned
-- unit: cents
-- estimate: sum
-- better: none
-- period: payment
-- matures: none
-- rollup: own
-- closes: no
-- version: 1
-- example: 4447.8 cents; n 7
-- formula: of the purchases paid in the period, net money - the part still owed; earned + owed = net, to the cent's last fraction
SELECT p.workspace_id, p.paid_at AS at, plan_at(p.workspace_id, p.paid_at, 'plan') AS plan,
       plan_at(p.workspace_id, p.paid_at, 'billing_cycle') AS billing_cycle, p.package, p.currency, '' AS part,
       p.amount_cents::numeric * (l.drawn + l.voided) / p.minutes
           - CASE WHEN p.contested THEN returned_cents(p.workspace_id, p.purchase_id, :as_of) ELSE 0 END AS value,
       1 AS weight, false AS pending, CAST(p.purchase_id AS text) AS purchase_id, l.drawn AS used_minutes, l.voided AS taken_minutes
FROM paid_purchases p
JOIN lots l ON l.workspace_id = p.workspace_id AND l.purchase_id = p.purchase_id
WHERE p.source = :source AND p.paid_at >= :start AND p.paid_at < :end AND p.paid_at <= :as_of
