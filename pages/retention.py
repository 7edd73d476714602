"""Do workspaces stay because they bought? The highest rung that the data support answers, or nobody does."""

import streamlit as st

from dashboard.access import require
from dashboard.installation import reading
from dashboard.kit import cards, filters, forms
from dashboard.screens import hold_outs, retention

staff = require("view_metrics")
st.title("Retention")
forms.report()

with reading() as db:
    chosen = filters.bar(db, period="365d")  # who stays is known 90 days after a limit hit
    found = cards.card(db, "retention-effect", chosen)
    result = retention.found(db, chosen)
    if result is None:
        st.info("This estimate has not been computed yet.")
    else:
        retention.ladder(result)
        retention.curves(result)
        retention.why_not(result)
    waiting = hold_outs.listed(db, chosen, staff)
    hold_outs.planner(db, chosen, staff)
cards.rows_panel(chosen)
cards.ask_for_fits([found], chosen)
hold_outs.ask_for_fits(waiting, chosen)
