SELECT count(*) FROM rollup_work
