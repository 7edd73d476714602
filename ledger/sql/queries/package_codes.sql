-- All packages that were ever on sale, smallest first by their newest version.
SELECT code FROM extra_minutes_packages
GROUP BY code
ORDER BY (array_agg(minutes ORDER BY arm = 'standard' DESC, version DESC))[1], code
