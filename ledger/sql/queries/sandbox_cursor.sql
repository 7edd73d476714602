SELECT created, object_no AS no FROM sandbox_objects WHERE id = :id
