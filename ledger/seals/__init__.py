"""Tamper evidence: bookings are sealed under signed roots, and changes outside the ledger are reported."""
