"""Which sizes are bought, and what they earn."""

import streamlit as st

from dashboard import cards, closed_months, filters, marks, overview, sales
from dashboard.access import require
from dashboard.db import reading
from dashboard.text import _

staff = require("view_metrics")
st.title(_("Packages and revenue"))

with reading() as db:
    chosen = filters.bar(db)
    with st.container(horizontal=True):
        found = [cards.card(db, slug, chosen) for slug in sales.SIZE]
    left, right = st.columns(2)
    with left:
        sales.mix(db, chosen)
    with right:
        st.subheader(_("Revenue by month"), anchor=False)
        overview.revenue_by_month(db, chosen, key="revenue")
        st.caption(
            _(
                "Packages are one-off purchases: no part of them is recurring revenue, and nothing is annualised."
            )
        )
    marks.listed(db, chosen)
    with st.container(horizontal=True):
        found += [cards.card(db, slug, chosen) for slug in sales.MONEY]
    with st.container(horizontal=True):
        found += [cards.card(db, slug, chosen) for slug in sales.BUYERS]
    closed_months.panel(db, (*sales.SIZE, *sales.MONEY, *sales.BUYERS), chosen)
cards.rows_panel(chosen)
cards.ask_for_fits(found, chosen)
