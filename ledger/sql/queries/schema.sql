-- What the catalogue of the database says about the schema, for its document. Extensions are left out.

-- name: schema_relations
SELECT CASE WHEN n.nspname = 'public' THEN c.relname ELSE n.nspname || '.' || c.relname END AS relation,
       CASE WHEN c.relkind = 'v' THEN 'view' ELSE 'table' END AS kind, obj_description(c.oid, 'pg_class') AS comment
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ('public', 'facts') AND c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition
  AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e');

-- name: schema_columns
SELECT CASE WHEN n.nspname = 'public' THEN c.relname ELSE n.nspname || '.' || c.relname END AS relation, a.attname AS name,
       format_type(a.atttypid, a.atttypmod) AS type, NOT a.attnotnull AND c.relkind <> 'v' AS nullable,
       CASE WHEN a.attidentity <> '' THEN 'identity'
            WHEN a.attgenerated <> '' THEN 'generated: ' || pg_get_expr(f.adbin, f.adrelid)
            ELSE pg_get_expr(f.adbin, f.adrelid) END AS default_value,
       col_description(c.oid, a.attnum) AS comment
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p', 'v')
JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname IN ('public', 'facts')
LEFT JOIN pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
WHERE a.attnum > 0 AND NOT a.attisdropped
ORDER BY c.oid, a.attnum;

-- name: schema_constraints
SELECT CASE WHEN n.nspname = 'public' THEN c.relname ELSE n.nspname || '.' || c.relname END AS relation, k.conname AS name,
       k.contype = 'p' AS is_primary_key, pg_get_constraintdef(k.oid) AS definition, obj_description(k.oid, 'pg_constraint') AS comment
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname IN ('public', 'facts')
WHERE k.contype IN ('p', 'u', 'f', 'c', 'x')
ORDER BY c.oid, array_position(ARRAY['p', 'u', 'f', 'c', 'x'], k.contype::text), k.conname;

-- name: schema_indexes
SELECT CASE WHEN n.nspname = 'public' THEN t.relname ELSE n.nspname || '.' || t.relname END AS relation, c.relname AS name,
       regexp_replace(pg_get_indexdef(c.oid), '^CREATE (UNIQUE )?INDEX .* USING (btree )?', '\1') AS definition
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_class t ON t.oid = i.indrelid
JOIN pg_namespace n ON n.oid = t.relnamespace AND n.nspname IN ('public', 'facts')
WHERE NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = c.oid AND k.contype IN ('p', 'u', 'x'))
ORDER BY t.oid, c.relname;

-- name: schema_functions
SELECT p.proname AS name, pg_get_function_identity_arguments(p.oid) AS arguments, obj_description(p.oid, 'pg_proc') AS comment
FROM pg_proc p
JOIN pg_namespace n ON n.oid = p.pronamespace AND n.nspname IN ('public', 'facts')
WHERE NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
ORDER BY p.proname;
