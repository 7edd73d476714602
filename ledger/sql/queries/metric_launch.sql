SELECT min(at) FROM annotations WHERE kind = 'launch' AND withdrawn_at IS NULL AND at <= :as_of
