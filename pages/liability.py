"""What was sold and is not used yet: minutes and money that we still owe."""

import streamlit as st

from dashboard.access import require
from dashboard.installation import reading
from dashboard.kit import cards, filters
from dashboard.panels import closed_months
from dashboard.screens import liability

staff = require("view_metrics")
st.title("Liability")

with reading() as db:
    chosen = filters.bar(db)
    with st.container(horizontal=True):
        found = [cards.card(db, slug, chosen) for slug in liability.SLUGS]
    liability.identity(db, chosen)
    liability.moves(db, chosen)
    liability.ages(db, chosen)
    closed_months.panel(db, liability.MOVES, chosen)
cards.rows_panel(chosen)
cards.ask_for_fits(found, chosen)
