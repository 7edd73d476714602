-- The next object to which something happens by itself.
SELECT id, object, due FROM sandbox_objects WHERE due <= :now ORDER BY due, object_no LIMIT 1 FOR UPDATE SKIP LOCKED
