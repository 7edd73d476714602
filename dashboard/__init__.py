"""How staff and machines reach the ledger."""
