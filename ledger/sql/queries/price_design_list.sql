-- Designs of price tests, newest first.
SELECT design_id, test, arms, design, note, author, at FROM price_test_designs ORDER BY recorded_at DESC, design_id LIMIT :most;
