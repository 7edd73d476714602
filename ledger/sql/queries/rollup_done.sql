UPDATE rollup_state SET report_timezone = :timezone, definitions = :definitions, data_to = greatest(data_to, :at),
    swept_to = CASE WHEN :sweep THEN :at ELSE swept_to END
