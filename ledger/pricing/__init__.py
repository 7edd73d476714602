"""The pricing lab: exact replay of other tariffs, demand at the limit, uncertainty, and how far to trust it."""
