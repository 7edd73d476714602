"""What was sold and is not used yet: minutes and money that we still owe."""

import streamlit as st

from dashboard.access import require
from dashboard.installation import reading_copy
from dashboard.kit import awaited, template
from dashboard.kit.figures import Figures
from dashboard.panels import about
from dashboard.screens import liability, reports

staff = require("view_metrics")

with reading_copy() as db:
    chosen = template.metric_head(db, "Liability")
    figures = Figures(db, chosen)
    result = liability.headline(figures)
    liability.identity(figures)
    left, right = st.columns(2)
    with left:
        liability.moves(figures)
    with right:
        liability.ages(figures)
    reports.bar(db, staff, "liability", chosen)
about.panel(chosen, operator=staff)
awaited.request_fits(result, chosen)
