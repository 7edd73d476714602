SELECT body, due FROM sandbox_objects WHERE id = :id
