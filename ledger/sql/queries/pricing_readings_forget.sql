DELETE FROM pricing_readings WHERE ended_at < :before;
