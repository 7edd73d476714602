"""Hold-outs and price tests: who is in which arm."""
