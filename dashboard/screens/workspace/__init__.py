"""The parts of the Workspace page: headline, explanation, statement, purchases, grants, usage, warnings, notes."""
