-- How alike is alike enough, for this transaction: two letters of eight may be wrong.
SELECT set_config('pg_trgm.word_similarity_threshold', '0.4', true)
