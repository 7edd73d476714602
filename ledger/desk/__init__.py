"""What staff work with: people, keys, approvals, audit, bulk grants, notes, saved views, search."""
