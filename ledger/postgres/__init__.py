"""The embedded PostgreSQL server."""

from ledger.postgres.embedded import EmbeddedError, release
from ledger.postgres.supervision import restarts, supervised

__all__ = ["EmbeddedError", "release", "restarts", "supervised"]
