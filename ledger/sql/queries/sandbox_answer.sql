SELECT fingerprint, status, answer FROM sandbox_requests WHERE key = :key
