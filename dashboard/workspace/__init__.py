"""The parts of the Workspace page: headline, explanation, statement, purchases, gifts, usage, warnings, notes."""
