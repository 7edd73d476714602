"""Rough number of cases in a period, from the day-level sums of the days it touches."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from ledger.metrics.registry import METRICS
from ledger.metrics.rows import Lookup, Selection, about_days
from ledger.metrics.sums import State


def about_hits(chosen: Selection, state: State) -> tuple[Lookup, Lookup]:
    """Return the lookups of how many first and how many limit hits lie in the period, roughly."""
    return _about("conversion-first-hit", chosen, state), _about("conversion-per-hit", chosen, state)


def about_payments(chosen: Selection, state: State) -> Lookup:
    """Return the lookup of how many payments lie in the period, roughly, whatever the filter."""
    everybody = replace(chosen, plan=None, billing_cycle=None, package=None, attributes=())
    return _about("revenue-gross", everybody, state)


def _about(slug: str, chosen: Selection, state: State) -> Lookup:
    """Return the lookup of the rows of a metric on the days that the period touches."""
    zone = ZoneInfo(state.timezone)
    first, last = (moment.astimezone(zone).date() for moment in (chosen.start, chosen.end))
    return about_days(METRICS[slug], chosen, first, last + timedelta(days=1))


def rows_of(db: Connection, lookup: Lookup) -> int:
    """Return how many rows a lookup of sums is about."""
    return sum(row.n for row in lookup.answer(db))
