"""The embedded PostgreSQL server, and the drills of its backups."""

from ledger.postgres.drills import DrillResult, last_drill
from ledger.postgres.embedded import EmbeddedError, release
from ledger.postgres.supervision import restarts, supervised

__all__ = ["DrillResult", "EmbeddedError", "last_drill", "release", "restarts", "supervised"]
