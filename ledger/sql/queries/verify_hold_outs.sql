-- Of one source no two hold-outs run at the same time: those that do.
SELECT concat('hold_outs ', h.hold_out) AS place, concat('to begin after ', o.hold_out, ' has ended') AS expected,
       concat('begins ', h.starts_at) AS found
FROM hold_outs h
JOIN hold_outs o ON o.source = h.source AND (o.starts_at, o.hold_out) < (h.starts_at, h.hold_out)
                AND coalesce(o.ends_at, 'infinity') > h.starts_at
ORDER BY 1
