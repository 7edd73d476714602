"""Who buys after the limit, how fast, and who is still to be called."""

import streamlit as st

from dashboard.access import require
from dashboard.installation import reading
from dashboard.kit import cards, filters
from dashboard.panels import annotations, closed_months
from dashboard.screens import conversion

staff = require("view_metrics")
st.title("Conversion")

with reading() as db:
    chosen = filters.bar(db)
    with st.container(horizontal=True):
        found = [cards.card(db, slug, chosen) for slug in conversion.SLUGS]
    conversion.cohorts(db, chosen)
    annotations.listed(db, chosen)
    left, right = st.columns([3, 2])
    with left:
        conversion.curve(db, chosen)
    with right:
        conversion.windows(db, chosen)
        conversion.segments(db, chosen)
    st.subheader("Around the limit", anchor=False)
    with st.container(horizontal=True):
        found += [cards.card(db, slug, chosen) for slug in conversion.MORE]
    conversion.pending(db, chosen, linked=staff.may("view_workspaces"))
    closed_months.panel(db, (*conversion.SLUGS, *conversion.MORE), chosen)
annotations.forms(staff, chosen)
cards.rows_panel(chosen)
cards.ask_for_fits(found, chosen)
