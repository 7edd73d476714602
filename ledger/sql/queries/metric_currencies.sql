SELECT DISTINCT currency FROM extra_minutes_packages ORDER BY currency
