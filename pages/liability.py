"""What was sold and is not used yet: minutes and money that we still owe."""

import streamlit as st

from dashboard import cards, closed_months, filters, owed
from dashboard.access import require
from dashboard.db import reading
from dashboard.text import _

staff = require("view_metrics")
st.title(_("Liability"))

with reading() as db:
    chosen = filters.bar(db)
    with st.container(horizontal=True):
        found = [cards.card(db, slug, chosen) for slug in owed.SLUGS]
    owed.identity(db, chosen)
    owed.moves(db, chosen)
    owed.ages(db, chosen)
    closed_months.panel(db, owed.MOVES, chosen)
cards.rows_panel(chosen)
cards.ask_for_fits(found, chosen)
