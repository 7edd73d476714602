-- name: add_drill
INSERT INTO restore_drills (at, actor, host, seconds, findings, root_no, error)
VALUES (:at, :actor, :host, :seconds, :findings, :root_no, :error);

-- name: last_drill
SELECT at, host, seconds, findings, error FROM restore_drills ORDER BY drill_no DESC LIMIT 1;
