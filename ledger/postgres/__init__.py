"""The embedded PostgreSQL server."""

from ledger.postgres.embedded import EmbeddedError, release

__all__ = ["EmbeddedError", "release"]
