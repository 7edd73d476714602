DELETE FROM rollup_work WHERE from_no = to_no AND signature = known_signature AND :sweep
