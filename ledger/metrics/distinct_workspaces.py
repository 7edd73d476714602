"""Sums of whole days in which each workspace counts once, however many days it is in.

A day of a workspace counts when no earlier one lies in the same part of the period. So the sums of the days, less what
they count again (`repeated_days`), are the workspaces of the period: as many rows as pairs of days, whatever the number
of workspaces. Attributes are those of now, so they are counted workspace by workspace.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from ledger.metrics.registry import Metric, rolled_as
from ledger.metrics.rows import Lookup, Selection, Total, about_days, about_rows
from ledger.metrics.terms import Term
from ledger.metrics.whole_days import part_of

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
    metric: Metric, beside: Selection, days: Days, *, by: str | None = None, cut: date | None = None
) -> list[Term]:
    """Return what adds up to totals over whole days and over the rows of `beside`, which follow them, all matured.

    `cut`: another sum has the same days up to there, so that what both count again is read once.
    """
    binds = _binds(metric, beside, days, by)
    if beside.attributes or beside.package or by not in SUMMED_PARTS:
        return [Term(about_rows("rolled_workspaces", metric, beside, binds), _counted)]
    results = [
        Term(about_days(metric, beside, days[0], days[1], by=by), _counted),
        *(Term(_repeated(beside, binds, each), _counted_again) for each in _stretches(days, cut)),
    ]
    if beside.start < beside.end:
        results.append(Term(_added(metric, beside, days, by), _counted))
    return results


def _added(metric: Metric, beside: Selection, days: Days, by: str | None) -> Lookup:
    """Return the lookup of what `beside`, hours of one day, adds to the days before: to the part it lies in."""
    begins = part_of(beside.start.astimezone(ZoneInfo(beside.timezone)).date(), by)
    since = max(days[0] or date.min, begins or date.min)
    part = {"lookup_no": 0, "part": begins and begins.isoformat(), "since": since.isoformat()}
    return about_rows(
        "added_workspaces",
        metric,
        beside,
        {
            "metric": rolled_as(metric, beside.window_days),
            "by": None if begins else by,
            "last_day": days[1] or date.max,
            "parts": json.dumps([part]),
        },
    )


def _counted(row: Row[Any]) -> Total:
    return Total(row.part, row.value, row.n, row.n, 0)


def _counted_again(row: Row[Any]) -> Total:
    return Total(row.part, -row.value, -row.n, -row.n, 0)


def _stretches(days: Days, cut: date | None) -> list[Days]:
    first, last = days
    if cut is None or (first is not None and cut <= first) or (last is not None and cut >= last):
        return [days]
    return [(first, cut), (cut, last)]


def _repeated(chosen: Selection, binds: Mapping[str, Any], days: Days) -> Lookup:
    """Return the lookup of what the sums count again in a stretch of the days, of any day before in the whole."""
    of_plan = chosen.plan is not None or binds["by"] == "plan"
    of_cycle = chosen.billing_cycle is not None or binds["by"] == "billing_cycle"
    more = {
        "source": chosen.source,
        "plan": chosen.plan,
        "billing_cycle": chosen.billing_cycle,
        "scope": SCOPES[of_plan, of_cycle],
        "since_day": binds["first_day"],
        "first_day": days[0],
        "last_day": days[1],
    }
    return Lookup("repeated_totals", None, {**binds, **more})


def _binds(metric: Metric, chosen: Selection, days: Days, by: str | None) -> dict[str, str | date | None]:
    return {
        "metric": rolled_as(metric, chosen.window_days),
        "by": by,
        "first_day": days[0],
        "last_day": days[1],
    }
