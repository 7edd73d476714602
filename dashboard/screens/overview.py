"""The Overview: which numbers it shows, and all the questions it asks the database."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

import streamlit as st
from sqlalchemy import Connection

from dashboard.kit import charts
from dashboard.kit.filters import Filters
from dashboard.kit.periods import Period, comparison
from dashboard.panels import annotations
from ledger.metrics import Measure, measure

HEADLINES = ("conversion", "average-package-minutes", "revenue-net", "retention-effect")
SUPPORTING = ("conversion-net", "average-package-revenue", "refunds", "unmet-minutes", "liability-minutes")


def trends(db: Connection, filters: Filters) -> None:
    """Conversion by week of the limit hit, and money by month."""
    left, right = st.columns(2)
    with left:
        weekly = measure(db, "conversion", **filters.chosen, by="week")
        st.subheader("Conversion by week of the limit hit", anchor=False)
        if weekly.parts:
            goal, happened = annotations.guides(db, "conversion", filters)
            charts.show(
                charts.rate(weekly, goal=goal, marks=happened),
                key="weekly_conversion",
                alt="Conversion by week with its interval",
            )
        else:
            st.info("No limit hits in this period.")
    with right:
        st.subheader("Revenue by month", anchor=False)
        revenue_by_month(db, filters, key="monthly_revenue")


def revenue_by_month(db: Connection, filters: Filters, *, key: str) -> None:
    """Paid above zero, given back below, net as a dot; a month of which only some days count is hatched."""
    net = measure(db, "revenue-net", **filters.chosen, by="month")
    if not net.parts:
        st.info("No purchases in this period.")
        return
    back = {
        name: measure(db, slug, **filters.chosen, by="month", currency=net.currency)
        for name, slug in (("refunded", "refunds"), ("disputes lost", "disputes-lost"))
    }
    gross = measure(db, "revenue-gross", **filters.chosen, by="month", currency=net.currency)
    parts: Mapping[str, list[tuple[str, float]]] = {
        "paid": points(gross),
        **{name: [(month, -cents) for month, cents in points(found)] for name, found in back.items()},
    }
    goal, happened = annotations.guides(db, "revenue-net", filters)
    charts.show(
        charts.amounts(
            parts,
            points(net),
            net.currency or "usd",
            cut=filters.period.cut_months,
            goal=goal,
            marks=happened,
        ),
        key=key,
        alt="Revenue by month: paid, refunded and net",
    )


def points(found: Measure) -> list[tuple[str, float]]:
    """Label and value of each part."""
    return [(part.part or "", part.value or 0.0) for part in found.parts]


def queries(db: Connection, *, source: str, today: date, as_of: datetime) -> list[Measure]:
    """Everything that the Overview asks for, with its default filters: for measuring how long that takes."""
    period = Period(today - timedelta(days=89), today + timedelta(days=1), today, "UTC")
    pair = comparison(period, "previous") or (period, period)
    asked: list[tuple[str, Period, str | None]] = [(slug, period, None) for slug in (*HEADLINES, *SUPPORTING)]
    asked += [
        (slug, which, None)
        for slug in (*HEADLINES, *SUPPORTING)
        if slug != "retention-effect"
        for which in pair
    ]
    asked += [
        (slug, period, "month") for slug in ("revenue-net", "revenue-gross", "refunds", "disputes-lost")
    ]
    asked.append(("conversion", period, "week"))
    return [
        measure(
            db,
            slug,
            start=which.start,
            end=which.end,
            as_of=as_of,
            source=source,
            by=by,
            interval=which is period,
        )
        for slug, which, by in asked
    ]
