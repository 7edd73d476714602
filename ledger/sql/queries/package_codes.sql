SELECT DISTINCT code FROM extra_minutes_packages ORDER BY code
