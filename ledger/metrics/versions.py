"""Since when each definition holds. A definition that changes marks itself on the charts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import Connection

from ledger.database import query
from ledger.metrics import registry
from ledger.metrics.annotations import annotate

_NAMES = UUID("7f1e7a52-5f0b-4c55-9d3c-6f0c5ad3a0de")


@dataclass(frozen=True)
class Version:
    """A definition and when it was first recorded; `formula` is its text."""

    version: int
    since: datetime
    formula: str


def record_versions(db: Connection, *, at: datetime) -> list[str]:
    """Store new definitions; return the metrics whose definition changed, each annotated once.

    A version that is known changes nothing, so any number of workers may do this, also of two versions of the
    product at once. The first definition of a metric is no change.
    """
    metrics = list(registry.METRICS.values())
    binds = {
        "metrics": [metric.slug for metric in metrics],
        "versions": [metric.version for metric in metrics],
        "formulas": [metric.formula for metric in metrics],
        "at": at,
    }
    changed = [row for row in db.execute(query("metric_versions_add"), binds).all() if row.before is not None]
    for row in changed:
        annotate(
            db,
            uuid5(_NAMES, f"{row.metric} {row.version}"),
            f"v{row.before} → v{row.version}: {registry.METRICS[row.metric].name}",
            kind="definition",
            happened_at=at,
            actor="schedule",
            metric=row.metric,
        )
    return [row.metric for row in changed]


def list_versions(db: Connection) -> dict[str, list[Version]]:
    """Return all versions of definitions, by metric, oldest first."""
    results: dict[str, list[Version]] = {}
    for row in db.execute(query("metric_versions")):
        results.setdefault(row.metric, []).append(Version(row.version, row.since, row.formula))
    return results
