"""A company's history in plain Python: what the ledger and its metrics must answer, written again from the rules alone."""
