DELETE FROM goals WHERE metric = :metric AND source = :source
