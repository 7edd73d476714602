SELECT mark FROM schedules WHERE name = :name;
