"""Tamper evidence: what is booked is sealed under signed roots, and a change behind the ledger's back is named."""
