"""Minutes: workspaces, credits, uses, balances, and the proof that they add up."""
