SELECT id, body, due FROM sandbox_objects WHERE id = ANY (CAST(:ids AS text[]))
