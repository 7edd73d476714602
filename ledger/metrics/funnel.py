"""The way from the limit to a purchase: limit hit, alert delivered, offer seen, purchase begun, paid."""

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

    A step is no condition for the next: an offer that nobody reported does not hide the purchase that followed it.
    """

    hit: int
    alerted: int
    offered: int
    begun: int
    paid: int


def conversion_funnel(db: Connection, chosen: Selection) -> Funnel:
    """Return the steps of the workspaces whose limit hits are old enough to count."""
    return Funnel(**run(db, "metric_funnel", METRICS["conversion"], chosen).mappings().one())
