-- One refresh at a time.
SELECT report_timezone, definitions, data_to, swept_to FROM rollup_state FOR UPDATE
