"""How staff and machines reach the ledger: screens, HTTP API, permissions."""
