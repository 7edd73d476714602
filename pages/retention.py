"""What buying has to do with staying: the strongest method that the data allow answers, or nobody does."""

import streamlit as st

from dashboard.access import require
from dashboard.installation import reading_copy
from dashboard.kit import awaited, template
from dashboard.kit.figures import Figures
from dashboard.panels import about
from dashboard.screens import cohorts, hold_outs, reports, retention

staff = require("view_metrics")

with reading_copy() as db:
    chosen = template.metric_head(
        db, "Retention", period="365d", amounts=False
    )  # who stays is known 90 days after a limit hit
    result = retention.estimates(db, chosen)
    retention.headline(result)
    st.button("About this number", key="about_retention", icon=":material/info:", type="tertiary",
              on_click=about.open_panel, args=["retention-effect"])  # fmt: skip
    if result is not None:
        retention.methods(result)
        retention.curves(result)
        retention.why_not(result)
    cohorts.show(db, chosen)
    waiting = hold_outs.listed(db, chosen, staff)
    with st.expander("Plan a hold-out", icon=":material/science:"):
        hold_outs.planner(db, chosen, staff)
    estimate = Figures(db, chosen).of("retention-effect")
    reports.bar(db, staff, "retention", chosen)
about.panel(chosen, operator=staff)
awaited.request_fits([estimate], chosen)
hold_outs.request_fits(waiting, chosen)
