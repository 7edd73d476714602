"""The same ledger on many machines: a PostgreSQL coordinator and workers with the Citus extension."""

from ledger.cluster.distribute import distribute, dry_run
from ledger.cluster.doctor import ClusterCheck, examine

__all__ = ["ClusterCheck", "distribute", "dry_run", "examine"]
