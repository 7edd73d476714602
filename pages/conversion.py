"""Who buys after the limit, how fast, and who may still buy."""

import streamlit as st

from dashboard.access import require
from dashboard.installation import reading_copy
from dashboard.kit import awaited, template
from dashboard.kit.figures import Figures
from dashboard.panels import about
from dashboard.screens import conversion, funnel, reports

staff = require("view_metrics")

with reading_copy() as db:
    chosen = template.metric_head(db, "Conversion")
    figures = Figures(db, chosen)
    result = conversion.headline(figures)
    funnel.show(figures)
    funnel.show_levels(figures)
    conversion.cohorts(figures)
    result += conversion.other_ways(figures)
    left, right = st.columns(2)
    with left:
        conversion.curve(figures)
    with right:
        conversion.segments(figures)
    linked, private = staff.may("view_workspaces"), staff.may("view_personal_data")
    conversion.pending(db, chosen, linked=linked, private=private)
    reports.bar(db, staff, "conversion", chosen)
about.panel(chosen, operator=staff)
awaited.request_fits(result, chosen)
