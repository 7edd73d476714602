DELETE FROM saved_views WHERE operator = :operator AND page = :page AND name = :name
