"""The Conversion page: windows side by side, cohorts, the incidence curve, and who is still to be called."""

from datetime import timedelta

import pandas as pd
import streamlit as st
from sqlalchemy import Connection

from dashboard import url
from dashboard.kit import cards, charts, tables
from dashboard.kit.filters import SEGMENT_NAMES, Filters
from dashboard.panels import annotations
from dashboard.text import counted
from ledger.metrics import METRICS, Measure, measure
from ledger.metrics.fits import fit_at_once, stored_fit
from ledger.metrics.waiting import count_waiting, list_waiting

SLUGS = ("conversion", "conversion-first-hit", "conversion-per-hit", "conversion-net", "incidence")
MORE = (
    "time-to-purchase",
    "upgrade-after-hit",
    "alert-to-purchase",
    "revenue-per-hitter",
    "bought-before-limit",
)
WINDOWS = (1, 7, 14, 30)
PAGE = 50


def windows(db: Connection, filters: Filters) -> None:
    """The same share for other windows, each over the hits that are old enough for it."""
    st.subheader("By window", anchor=False)
    found = {days: measure(db, "conversion", **filters.chosen, window_days=days) for days in WINDOWS}
    lines = {
        "Within": [counted(days, "{n} day", "{n} days") for days in found],
        "Conversion": [cards.shown(one) for one in found.values()],
        "Bought": [f"{one.numerator or 0:.0f} / {one.denominator or 0}" for one in found.values()],
        "Pending": [f"{one.pending:,}" for one in found.values()],
    }
    st.table(lines, border="horizontal")


def cohorts(db: Connection, filters: Filters, *, key: str = "cohorts") -> None:
    """By week of the limit hit; weeks that are not old enough are hollow."""
    weekly = measure(db, "conversion", **filters.chosen, by="week")
    st.subheader("Conversion by week of the limit hit", anchor=False)
    if not weekly.parts:
        st.info("No limit hits in this period.")
        return
    goal, happened = annotations.guides(db, "conversion", filters)
    charts.show(
        charts.rate(weekly, goal=goal, marks=happened), key=key, alt="Conversion by week with its interval"
    )


def curve(db: Connection, filters: Filters) -> None:
    """How fast they buy, with leaving as a rival, and how many were still watched."""
    st.subheader("How fast they buy", anchor=False)
    chosen = filters.selection
    metric = METRICS["incidence"]
    found = stored_fit(db, metric, chosen) or fit_at_once(db, metric, chosen)
    if found is None:
        st.info("This estimate has not been computed yet.")
    elif "curve" not in found:
        st.info("No limit hits in this period.")
    else:
        drawn = found["curve"]
        charts.show(
            charts.steps(drawn, window=14, title="bought"),
            key="incidence",
            alt="Share that bought by each day after the first limit hit",
        )
        at_risk = {f"{'day'} {day}": [n] for day, n in zip(range(0, 61, 10), drawn["at_risk"], strict=True)}
        st.caption("Still watched and not yet bought")
        st.table(at_risk, border="horizontal")


def segments(db: Connection, filters: Filters) -> None:
    """The same share by plan and by billing cycle."""
    lines = [
        part
        for by in ("plan", "billing_cycle")
        for part in measure(db, "conversion", **filters.chosen, by=by, interval=False).parts
    ]
    if lines:
        st.subheader("By plan and segment", anchor=False)
        st.table(
            {
                "Segment": [
                    (SEGMENT_NAMES.get(part.part or "") or (part.part or "").capitalize()) for part in lines
                ],
                "Conversion": [cards.shown(part) for part in lines],
                "95 % interval": [_interval(part) for part in lines],
                "Matured": [f"{part.n or 0:,}" for part in lines],
                "Pending": [f"{part.pending:,}" for part in lines],
            },
            border="horizontal",
        )


def _interval(part: Measure) -> str:
    return "" if part.low is None else f"{part.low:.1f} … {part.high:.1f} %"


def pending(db: Connection, filters: Filters, *, linked: bool) -> None:
    """Those who reached the limit lately and have not bought, page by page: whom support may call.

    `linked`: whether their ids lead to their pages.
    """
    st.subheader("Pending: reached the limit lately", anchor=False)
    young = filters.known["as_of"] - timedelta(days=METRICS["conversion"].matures or 0)
    chosen = filters.selection.within(max(filters.period.start, young), filters.period.end)
    count = count_waiting(db, chosen)
    if count > PAGE:
        st.caption(f"{count:,} workspaces")
        page = url.page(-(-count // PAGE))
    else:
        page = 1
    tables.show(
        pd.DataFrame(
            [
                {**row, "plan": (row["plan"] or "").capitalize()}
                for row in list_waiting(db, chosen, limit=PAGE, offset=PAGE * (page - 1))
            ]
        ),
        key="pending_hits",
        linked=linked,
        columns={
            "workspace_id": tables.text("Workspace"),
            "at": tables.when("Reached the limit"),
            "plan": tables.text("Plan"),
            "billing_cycle": tables.text("Paid"),
        },
        empty="Nobody is pending.",
    )
