-- Keeps the design of a price test for good.
INSERT INTO price_test_designs (design_id, test, arms, design, note, author, at)
VALUES (:design_id, :test, CAST(:arms AS text[]), CAST(:design AS jsonb), :note, :author, :at)
RETURNING design_id, test, arms, design, note, author, at;
