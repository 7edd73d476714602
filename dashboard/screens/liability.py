"""Liability: what was sold and not yet used, how it moved, and how fast packages are used up."""

from typing import Any

import streamlit as st
from sqlalchemy import Connection

from dashboard.kit import charts
from dashboard.kit.filters import Filters
from dashboard.text import money
from ledger.metrics import measure
from ledger.metrics.ages import use_by_age
from ledger.metrics.rows import EARLIEST

SLUGS = ("liability-minutes", "liability-money", "recognised-money", "days-of-cover")
MOVES = ("liability-moves-minutes", "liability-moves-money")
PARTS = ("sold", "used", "taken back")


def moves(db: Connection, filters: Filters) -> None:
    """Opening + sold - used - taken back = closing, in minutes and in money at each lot's own price."""
    left, right = st.columns(2)
    for column, slug, owed, unit in (
        (left, "liability-moves-minutes", "liability-minutes", "minutes"),
        (right, "liability-moves-money", "liability-money", "money"),
    ):
        with column:
            st.subheader(f"From opening to closing, {unit}", anchor=False)
            found = measure(db, slug, **filters.chosen, by="part")
            if found.reason:
                st.info(found.reason)
                continue
            scale = 100 if found.unit == "cents" else 1
            opening = (measure(db, owed, **_before(filters)).value or 0) / scale
            parts = {part.part: (part.value or 0) / scale for part in found.parts}
            steps = [("opening", opening), *((name, parts.get(name, 0.0)) for name in PARTS)]
            if not any(value for _name, value in steps):
                st.info("Nothing was sold or owed in this period.")
                continue
            closing = sum(value for _name, value in steps)
            charts.show(
                charts.waterfall([*steps, ("closing", closing)], (found.currency or "").upper() or unit),
                key=f"moves_{slug}",
                alt="From opening to closing",
            )


def _before(filters: Filters) -> dict[str, Any]:
    """Everything up to the beginning of the period."""
    return {**filters.chosen, "start": EARLIEST, "end": filters.period.start}


def identity(db: Connection, filters: Filters) -> None:
    """Earned + owed = net revenue since the beginning: the check that finance would make."""
    period: dict[str, Any] = {**filters.chosen, "start": EARLIEST}
    earned, owed, net = (
        measure(db, slug, **period) for slug in ("recognised-money", "liability-money", "revenue-net")
    )
    if earned.value is None or owed.value is None or net.value is None:
        return
    currency = net.currency or "usd"
    sums = f"{money(round(earned.value), currency)} + {money(round(owed.value), currency)}"
    off = earned.value + owed.value - net.value
    if abs(off) < 1:
        st.success(
            f"Since the first sale, earned + owed = net revenue: {sums} = {money(round(net.value), currency)}",
            icon=":material/balance:",
        )
    else:
        st.error(
            f"Earned + owed differ from net revenue by {money(round(off), currency)}",
            icon=":material/balance:",
        )


def ages(db: Connection, filters: Filters) -> None:
    """Share of a package's minutes that is used by its age; what is unused is still watched, not lost."""
    st.subheader("How fast packages are used up", anchor=False)
    curve = use_by_age(db, **filters.chosen)
    if curve is None:
        st.info("No purchases in this period.")
        return
    charts.show(
        charts.steps(curve, title="used"), key="ages", alt="Share of minutes used by age of the package"
    )
    st.caption("No package expires, so no breakage is earned: the curve is for planning, not for the books.")
