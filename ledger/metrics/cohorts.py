"""Cohorts: workspaces by the month of their first limit hit, or by an attribute, and what they did next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from ledger.database import query
from ledger.metrics.rows import Selection
from ledger.minutes.attributes import natural_order
from ledger.snapshot_cache import fetch

MONTHS = 12


@dataclass(frozen=True)
class HitCohortMonth:
    """One cohort by the end of one month after the limit hit: of those `watched` so long, who did what by then.

    `bought`, `again`: one purchase or more, two or more, since the limit hit. `here`: still on a plan.
    """

    watched: int
    bought: int
    again: int
    here: int


@dataclass(frozen=True)
class HitCohort:
    """The workspaces of one month (its first day) or segment; only months for which any was watched to the end."""

    part: str
    workspaces: int
    months: tuple[HitCohortMonth, ...]


def list_cohorts(db: Connection, chosen: Selection, *, by: str | None = None) -> list[HitCohort]:
    """Return the cohorts of the first limit hits in the period, by month or by an attribute; plan as of the hit.

    A workspace counts in a month once it has been watched to the end of it. Reads facts of limit hits, purchases and
    plans, never uses.
    """
    binds = {
        "source": chosen.source,
        "start": chosen.start,
        "end": chosen.end,
        "as_of": chosen.as_of,
        "timezone": chosen.timezone,
        "plan": chosen.plan,
        "billing_cycle": chosen.billing_cycle,
        "attributes": chosen.attributes_json,
        "by": by,
    }
    by_part: dict[str, list[Any]] = {}
    for row in fetch(db, query("cohorts"), binds):
        by_part.setdefault(row.part, []).append(row)
    return [
        _cohort(part, by_part[part]) for part in sorted(by_part, key=None if by is None else natural_order)
    ]


def _cohort(part: str, rows: Sequence[Any]) -> HitCohort:
    watched = max(row.watched for row in rows)
    months = tuple(_month(month, rows) for month in range(min(watched, MONTHS)))
    return HitCohort(part, sum(row.workspaces for row in rows), months)


def _month(month: int, rows: Sequence[Any]) -> HitCohortMonth:
    """Return the counts by the end of a month; 0 is the first after the limit hit."""
    watched = [row for row in rows if row.watched > month]

    def by_then(name: str) -> int:
        moments = ((getattr(row, name), row.workspaces) for row in watched)
        return sum(workspaces for moment, workspaces in moments if moment is not None and moment <= month)

    everybody = sum(row.workspaces for row in watched)
    return HitCohortMonth(everybody, by_then("bought"), by_then("again"), everybody - by_then("gone"))
