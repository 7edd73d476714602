"""The customer's own page: usage, packages, auto top-up and purchase history, without a framework or a script."""
