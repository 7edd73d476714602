-- Rows fetched in portions are all fetched: the plan that is through first, not the one that begins first.
SET LOCAL cursor_tuple_fraction = 1
