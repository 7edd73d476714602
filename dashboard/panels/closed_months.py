"""Closed months: each number as it was when the month closed, as it is now, and why they differ."""

from collections.abc import Sequence
from datetime import timedelta

import pandas as pd
import streamlit as st
from sqlalchemy import Connection

from dashboard.kit import causes, tables
from dashboard.kit.filters import Filters
from dashboard.kit.labels import label
from dashboard.kit.tiles import closed, number
from dashboard.text import decimal, points
from ledger.metrics import METRICS, ClosedNumber, list_closed

MONTHS = 12
COLUMNS = {
    "month": "Month",
    "name": "Number",
    "closed": "When closed",
    "now": "Now",
    "difference": "Difference",
    "cause": "Cause",
}


def panel(db: Connection, slugs: Sequence[str], filters: Filters) -> None:
    """Draw the twelve months up to the end of the period, newest first, with a CSV. Reads one small table."""
    result = _listed(db, slugs, filters)
    if not result:
        st.info("No month has closed yet. A month closes when it is over and its last rows have matured.")
        return
    moved = sum(one.moved for one in result)
    st.caption(
        f"{decimal(moved)} changed since they closed. Numbers of all plans: when the month closed, and now."
        if moved
        else "Numbers of all plans: when the month closed, and now. None changed since."
    )
    if filters.narrowed:
        st.caption("The filters of the page do not apply here: months close as a whole.")
    columns = {name: tables.text(label) for name, label in COLUMNS.items()}
    columns["closed_at"] = tables.when("Closed at")
    tables.show(
        pd.DataFrame([_line(one) for one in result]),
        key="closed_months",
        columns=columns,
        file_name=f"closed-months-{filters.source}.csv",
    )


def _listed(db: Connection, slugs: Sequence[str], filters: Filters) -> list[ClosedNumber]:
    """Return the closed numbers in the order of the page, without a currency in which nothing happened."""
    last = filters.period.last
    result = list_closed(
        db,
        slugs,
        source=filters.source,
        first=(last - timedelta(days=31 * MONTHS)).replace(day=1),
        last=last,
        as_of=filters.as_of,
    )
    some = [one for one in result if one.moved or one.closed.n]
    return sorted(some, key=lambda one: (-one.closed.month.toordinal(), slugs.index(one.closed.metric)))


def _line(one: ClosedNumber) -> dict[str, object]:
    first, last = one.closed, one.now
    unit = METRICS[first.metric].unit
    before = None if first.causes else first.value
    return {
        "month": f"{first.month:%Y-%m}",
        "name": label(first.metric),
        "closed": "–" if first.causes else closed(first),
        "now": closed(last),
        "difference": _difference(before, last.value, unit, first.currency) if one.moved else "",
        "cause": causes.listed(one.causes),
        "closed_at": first.computed_at,
        "metric": first.metric,
        "unit": first.currency or unit,
        "value_when_closed": before,
        "n_when_closed": first.n,
        "as_of_when_closed": first.as_of,
        "value_now": last.value,
        "n_now": last.n,
        "as_of_now": last.as_of,
        "definition_version": last.definition_version,
        "readings": len(one.readings),
    }


def _difference(before: float | None, now: float | None, unit: str, currency: str) -> str:
    if before is None or now is None:
        return "–"
    change = now - before
    if not change:
        return "–"
    # A leading sign would be taken for a formula.
    if unit == "percent":
        return f"{'↓' if change < 0 else '↑'} {points(abs(change)).lstrip('+')}"
    return f"{'↓' if change < 0 else '↑'} {number(abs(change), unit, currency or None, exact=True)}"
