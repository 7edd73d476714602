DELETE FROM rollup_work
