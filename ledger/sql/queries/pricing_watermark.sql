-- How far the workspaces of a source are rolled up, and what is on sale: another answer means other facts.
SELECT concat_ws('-', count(*), sum(k.entry_no), bit_xor(hashtextextended(k.workspace_id, k.entry_no) # k.signature),
       (SELECT md5(string_agg(p::text, ',' ORDER BY p::text)) FROM extra_minutes_packages p),
       (SELECT md5(string_agg(p::text, ',' ORDER BY p::text)) FROM plans p),
       (SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM price_tests t))
FROM workspaces w JOIN rollup_marks k ON k.workspace_id = w.workspace_id
WHERE w.source = :source AND w.workspace_id NOT LIKE 'sim:%';
