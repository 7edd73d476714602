"""Bring a company's history in, and take it out again: files, mappings, checks, booking in business order, export."""
