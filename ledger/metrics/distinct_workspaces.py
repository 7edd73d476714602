"""Sums of whole days in which each workspace counts once, however many days it is in.

A day of a workspace counts when no earlier one lies in the same part of the period. So the sums of the days, less what
they count again (`repeated_days`), are the workspaces of the period: as many rows as pairs of days, whatever the number
of workspaces. Attributes are those of now, so they are counted workspace by workspace.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from ledger.database import ask, query
from ledger.metrics.registry import Metric, rolled_as
from ledger.metrics.rows import (
    Selection,
    Total,
    ask_of_rows,
    planned_for_its_values,
    rolled_totals,
)

Days = tuple[date | None, date | None]
"""Whole days [first, last); None leaves a side open."""
SCOPES = {
    (False, False): "all",
    (True, False): "plan",
    (False, True): "billing_cycle",
    (True, True): "both",
}
"""Within which days a workspace repeats itself: by whether a plan and whether a billing cycle is chosen or a part."""
SUMMED_PARTS = (None, "plan", "billing_cycle", "day", "week", "month")


def distinct_workspaces(
    db: Connection, metric: Metric, beside: Selection, days: Days, *, by: str | None = None
) -> list[Total]:
    """Return totals over whole days and over the rows of `beside`, which follow them; all are taken as matured."""
    if beside.attributes or beside.package or by not in SUMMED_PARTS:
        return _one_by_one(db, metric, beside, days, by)
    results = [
        Total(t.part, t.value, t.n, t.n, 0)
        for t in rolled_totals(db, metric, beside, days[0], days[1], by=by)
    ]
    results += _repeated(db, metric, beside, days, by)
    if beside.start < beside.end:
        added = ask_of_rows(db, "added_workspaces", metric, beside, _binds(metric, beside, days, by))
        results += [Total(row.part, row.value, row.n, row.n, 0) for row in added]
    return results


def _repeated(db: Connection, metric: Metric, chosen: Selection, days: Days, by: str | None) -> list[Total]:
    """Return what the sums of the days count again, below zero."""
    of_plan = chosen.plan is not None or by == "plan"
    of_cycle = chosen.billing_cycle is not None or by == "billing_cycle"
    binds = {
        **_binds(metric, chosen, days, by),
        "source": chosen.source,
        "plan": chosen.plan,
        "billing_cycle": chosen.billing_cycle,
        "scope": SCOPES[of_plan, of_cycle],
    }
    with planned_for_its_values(db):
        results = ask(db, query("repeated_totals"), binds)
    return [Total(row.part, -row.value, -row.n, -row.n, 0) for row in results]


def _one_by_one(db: Connection, metric: Metric, beside: Selection, days: Days, by: str | None) -> list[Total]:
    results = ask_of_rows(db, "rolled_workspaces", metric, beside, _binds(metric, beside, days, by))
    return [Total(row.part, row.value, row.n, row.n, 0) for row in results]


def _binds(metric: Metric, chosen: Selection, days: Days, by: str | None) -> dict[str, str | date | None]:
    return {
        "metric": rolled_as(metric, chosen.window_days),
        "by": by,
        "first_day": days[0],
        "last_day": days[1],
    }
