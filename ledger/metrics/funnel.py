"""The funnel to a purchase: from each alert level, and from the limit through alert, offer, checkout and payment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ledger.metrics.registry import METRICS, STEPS
from ledger.metrics.rows import LATEST, Lookup, Selection, Total, about_rows
from ledger.metrics.sums import State, matured_terms, ripe, rollup_state
from ledger.metrics.terms import Term, add_up

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

COUNTED = {
    "alerted": STEPS["hit-alerted"],
    "offered": STEPS["hit-offered"],
    "begun": STEPS["hit-begun"],
    "paid": METRICS["conversion"],
}
"""The steps after the limit hit: each counts the same workspaces."""


@dataclass(frozen=True, kw_only=True)
class Funnel:
    """Workspaces that reached each step, of those behind the headline of conversion: `paid` of `hit` is its value.

    A workspace reached a step when any of its limit hits of the period led to it, as it bought when any of them did. A
    step is not required for the next: an unreported offer does not hide its purchase.
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
    """Return the levels that followed the 80% warnings of a period, lowest first; empty without warnings."""
    state = rollup_state(db)
    levels = [
        AlertLevel(
            percent_used=int(each.part or 0),
            reached=each.n,
            bought=int(each.value),
            bought_before_next=each.weight,
        )
        for each in add_up(db, _level_terms(_reached(chosen, state), state))
        if each.n
    ]
    return sorted(levels, key=lambda level: level.percent_used)


def conversion_funnel(db: Connection, chosen: Selection) -> Funnel:
    """Return the steps of the workspaces whose limit hits are old enough to count."""
    state = rollup_state(db)
    chosen = _reached(chosen, state)
    sums = {step: add_up(db, matured_terms(metric, chosen, state)) for step, metric in COUNTED.items()}
    reached = {step: int(sum(total.value for total in totals)) for step, totals in sums.items()}
    return Funnel(hit=sum(total.n for total in sums["paid"]), **reached)


def funnel_lookups(chosen: Selection, state: State) -> list[Lookup]:
    """Return what `conversion_funnel` and `alert_levels` will read."""
    chosen = _reached(chosen, state)
    steps = [term for metric in COUNTED.values() for term in matured_terms(metric, chosen, state)]
    return [term.lookup for term in (*steps, *_level_terms(chosen, state))]


def _reached(chosen: Selection, state: State) -> Selection:
    return replace(chosen, as_of=state.reach(chosen.as_of), timezone=state.timezone)


def _level_terms(chosen: Selection, state: State) -> list[Term]:
    """Return the terms of the alerts that are old enough to count, by level.

    The daily sums count an alert by the day of its 80% warning, so younger alerts after an old warning are taken out.
    """
    levels = STEPS["alert-levels"]
    if not state.serves(levels, chosen):
        return matured_terms(levels, chosen, state, "part")
    warned = replace(ripe(levels, chosen), matured_by=LATEST)
    if warned.start >= warned.end:
        return []
    young = about_rows("metric_totals", STEPS["alert-levels-open"], warned, {"by": "part"})
    return [*matured_terms(levels, chosen, state, "part"), Term(young, _taken_out)]


def _taken_out(row: Row[Any]) -> Total:
    return Total(row.part, -row.value, -row.weight, -row.n, 0)
