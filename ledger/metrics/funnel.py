"""The funnel to a purchase: from each alert level, and from the limit through alert, offer, checkout and payment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger.metrics.registry import METRICS
from ledger.metrics.rows import Selection, run

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, kw_only=True)
class Funnel:
    """Workspaces that reached each step, of those behind the headline of conversion: `paid` of `hit` is its value.

    A step is not required for the next: an unreported offer does not hide its purchase.
    """

    hit: int
    alerted: int
    offered: int
    begun: int
    paid: int


@dataclass(frozen=True, kw_only=True)
class AlertLevel:
    """Alerts at 80, 90 or 100 percent used that are 14 days old; purchases within 14 days, or before the next level.

    Several levels that one use crosses are reached together; a purchase then follows the highest.
    """

    percent_used: int
    reached: int
    bought: int
    bought_before_next: int


def alert_levels(db: Connection, chosen: Selection) -> list[AlertLevel]:
    """Return the levels that followed the 80 % warnings of a period, lowest first; empty without warnings."""
    rows = run(db, "metric_alert_levels", METRICS["alert-to-purchase"], chosen).mappings()
    return [AlertLevel(**row) for row in rows]


def conversion_funnel(db: Connection, chosen: Selection) -> Funnel:
    """Return the steps of the workspaces whose limit hits are old enough to count."""
    return Funnel(**run(db, "metric_funnel", METRICS["conversion"], chosen).mappings().one())
