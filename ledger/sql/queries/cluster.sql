-- What `distribute` and `doctor` read from a coordinator with the Citus extension, and what they do there. {names} are written in as
-- the catalogue quotes them.

-- name: cluster_server
-- The extension as it is installed here, or null, and the PostgreSQL it runs on.
SELECT (SELECT e.extversion FROM pg_extension e WHERE e.extname = 'citus') AS version,
       current_setting('server_version_num')::integer / 10000 AS server, current_user AS owner,
       EXISTS (SELECT 1 FROM pg_available_extensions a WHERE a.name = 'citus') AS available;

-- name: cluster_settings
-- Settings without which a write on two machines, or a move of a shard, is impossible.
SELECT current_setting('wal_level') AS wal_level, current_setting('max_prepared_transactions')::integer AS prepared_transactions,
       current_setting('citus.propagate_set_commands', true) AS sent_settings;

-- name: cluster_registry
-- Every table of the registry with the tables that its foreign keys name.
SELECT k.table_name, k.kind, k.key_column,
       ARRAY(SELECT DISTINCT f.confrelid::regclass::text FROM pg_constraint f
             WHERE f.contype = 'f' AND f.conrelid = c.oid AND f.confrelid <> c.oid ORDER BY 1) AS needs
FROM table_kinds k
JOIN pg_class c ON c.relname = k.table_name AND c.relnamespace = 'public'::regnamespace
ORDER BY k.table_name;

-- name: cluster_tables
-- Every table that the cluster knows, as the registry names kinds. own_group: no other key lives on the same shards.
SELECT p.logicalrelid::regclass::text AS table_name,
       CASE WHEN p.partmethod = 'h' THEN 'spread' WHEN p.repmodel = 't' THEN 'reference' ELSE 'local' END AS kind,
       CASE WHEN p.partmethod = 'h' THEN column_to_column_name(p.logicalrelid, p.partkey) END AS key_column, p.colocationid AS colocation
FROM pg_dist_partition p
JOIN pg_class c ON c.oid = p.logicalrelid AND c.relnamespace = 'public'::regnamespace
ORDER BY 1;

-- name: cluster_nodes
SELECT n.nodename AS host, n.nodeport AS port, n.groupid = 0 AS coordinator, n.isactive AS active, n.shouldhaveshards AS holds_shards,
       (SELECT count(*) FROM pg_dist_placement p WHERE p.groupid = n.groupid) AS shards
FROM pg_dist_node n
WHERE n.noderole = 'primary'
ORDER BY n.groupid;

-- name: cluster_become
SELECT set_config('role', :role, true);

-- name: cluster_ask_workers
SELECT r.nodename AS host, r.nodeport AS port, r.success, r.result FROM run_command_on_workers(:command) r;

-- name: cluster_stuck
-- Transactions over two machines that wait for their second half for longer than a minute.
SELECT count(*) FROM pg_prepared_xacts x WHERE x.gid LIKE 'citus_%' AND x.prepared < clock_timestamp() - interval '1 minute';

-- name: cluster_sessions
-- Sessions of other programs in this database.
SELECT count(*) FROM pg_stat_activity a
WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.backend_type = 'client backend'
  AND a.application_name NOT LIKE 'citus_internal%' AND a.application_name <> 'Citus Maintenance Daemon';

-- name: cluster_functions_left
-- Functions of the ledger that the workers do not have.
SELECT p.oid::regprocedure::text AS signature
FROM pg_proc p
WHERE p.pronamespace = 'public'::regnamespace
  AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
  AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_dist_object o WHERE o.classid = 'pg_proc'::regclass AND o.objid = p.oid)
ORDER BY p.prolang = (SELECT l.oid FROM pg_language l WHERE l.lanname = 'plpgsql'), p.oid;

-- name: cluster_delegated
-- Functions that a worker runs as a whole, because their first argument is the workspace.
SELECT p.oid::regprocedure::text AS signature, o.distribution_argument_index IS NOT NULL AS delegated
FROM pg_proc p
LEFT JOIN pg_catalog.pg_dist_object o ON o.classid = 'pg_proc'::regclass AND o.objid = p.oid
WHERE p.pronamespace = 'public'::regnamespace AND p.proname = ANY(:names)
ORDER BY 1;

-- name: cluster_view_grants
-- Who may do what with each view of the ledger.
SELECT c.oid::regclass::text AS view, g.privilege_type AS privilege, quote_ident(r.rolname) AS role
FROM pg_class c
CROSS JOIN LATERAL aclexplode(c.relacl) g
JOIN pg_roles r ON r.oid = g.grantee
WHERE c.relkind = 'v' AND c.relnamespace IN ('public'::regnamespace, to_regnamespace('facts')) AND g.grantee <> c.relowner
  AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY c.oid, r.rolname, g.privilege_type;

-- name: cluster_default_grants
-- Columns that the application may not set and whose default a shard receives as a value, as if the application had set it.
SELECT c.oid::regclass::text AS table_name, quote_ident(a.attname) AS column_name, CAST(:role AS text) AS role
FROM pg_class c
JOIN table_kinds k ON to_regclass(k.table_name) = c.oid AND k.kind <> 'local'
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.atthasdef AND a.attgenerated = ''
WHERE has_any_column_privilege(CAST(:role AS text), c.oid, 'INSERT') AND NOT has_column_privilege(CAST(:role AS text), c.oid, a.attnum, 'INSERT')
ORDER BY 1, 2;

-- name: cluster_grant_default
GRANT INSERT ({column_name}) ON {table_name} TO {role};

-- name: cluster_identities
-- Columns whose values a sequence makes.
SELECT a.attrelid::regclass::text AS table_name, quote_ident(a.attname) AS column_name, d.objid::regclass::text AS sequence
FROM table_kinds k
JOIN pg_attribute a ON a.attrelid = to_regclass(k.table_name)
JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum AND d.deptype IN ('a', 'i')
JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
ORDER BY 1, 2;

-- name: cluster_local_bytes
-- What a table still holds on the coordinator beside its shards.
SELECT pg_relation_size(CAST(:table_name AS regclass)) AS bytes;

-- name: cluster_foreign_keys_stay
SET LOCAL citus.enable_local_reference_table_foreign_keys = off;

-- name: cluster_one_shard_at_a_time
SET LOCAL citus.multi_shard_modify_mode = 'sequential';

-- name: cluster_add_reference
SELECT create_reference_table(:table_name);

-- name: cluster_add_root
SELECT create_distributed_table(:table_name, :key_column, shard_count => :shards);

-- name: cluster_add_table
SELECT create_distributed_table(:table_name, :key_column, colocate_with => :beside);

-- name: cluster_add_function
SELECT create_distributed_function(:signature);

-- name: cluster_delegate
SELECT create_distributed_function(:signature, :argument, colocate_with => :beside);

-- name: cluster_clear_local
SELECT truncate_local_data_after_distributing_table(CAST(:table_name AS regclass));

-- name: cluster_grant_view
GRANT {privilege} ON {view} TO {role};

-- name: cluster_login
ALTER ROLE {role} LOGIN;

-- name: cluster_count
SELECT count(*) FROM {table_name};

-- name: cluster_identity_after_all
SELECT setval(CAST(:sequence AS regclass), greatest(s.last_value, t.last_no), s.is_called OR t.last_no > s.last_value)
FROM {sequence} s CROSS JOIN (SELECT coalesce(max({column_name}), 1) AS last_no FROM {table_name}) t;

-- name: cluster_identity_behind
SELECT t.last_no > s.last_value FROM {sequence} s CROSS JOIN (SELECT coalesce(max({column_name}), 0) AS last_no FROM {table_name}) t;

-- name: cluster_analyse
ANALYZE;
