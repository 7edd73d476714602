"""Every purchase, whatever became of it."""

import streamlit as st

from dashboard.access import require
from dashboard.installation import reading
from dashboard.kit import cards, filters
from dashboard.screens import packages

staff = require("view_metrics")
st.title("Purchases")

with reading() as db:
    chosen = filters.bar(db)
    packages.purchases(db, chosen, linked=staff.may("view_workspaces"))
    with st.container(horizontal=True):
        found = [cards.card(db, slug, chosen) for slug in packages.ARRIVAL]
cards.rows_panel(chosen)
cards.ask_for_fits(found, chosen)
