"""Which sizes are bought, and what they earn."""

import streamlit as st

from dashboard.access import require
from dashboard.installation import reading
from dashboard.kit import cards, filters
from dashboard.panels import annotations, closed_months
from dashboard.screens import overview, packages

staff = require("view_metrics")
st.title("Packages and revenue")

with reading() as db:
    chosen = filters.bar(db)
    with st.container(horizontal=True):
        found = [cards.card(db, slug, chosen) for slug in packages.SIZE]
    left, right = st.columns(2)
    with left:
        packages.mix(db, chosen)
    with right:
        st.subheader("Revenue by month", anchor=False)
        overview.revenue_by_month(db, chosen, key="revenue")
        st.caption(
            "Packages are one-off purchases: no part of them is recurring revenue, and nothing is annualised."
        )
    annotations.listed(db, chosen)
    with st.container(horizontal=True):
        found += [cards.card(db, slug, chosen) for slug in packages.MONEY]
    with st.container(horizontal=True):
        found += [cards.card(db, slug, chosen) for slug in packages.BUYERS]
    closed_months.panel(db, (*packages.SIZE, *packages.MONEY, *packages.BUYERS), chosen)
cards.rows_panel(chosen)
cards.ask_for_fits(found, chosen)
