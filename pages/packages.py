"""Which sizes sell, and what they earn."""

import streamlit as st

from dashboard.access import require
from dashboard.installation import reading_copy
from dashboard.kit import awaited, template
from dashboard.kit.figures import Figures
from dashboard.panels import about
from dashboard.screens import packages, reports

staff = require("view_metrics")

with reading_copy() as db:
    chosen = template.metric_head(db, "Packages")
    figures = Figures(db, chosen)
    result = packages.headline(figures)
    left, right = st.columns([2, 3])
    with left:
        packages.profit(figures)
    with right:
        packages.twelve_months(figures)
    left, right = st.columns([3, 2])
    with left:
        packages.mix(figures)
    with right:
        result += packages.more(figures)
    reports.bar(db, staff, "packages", chosen)
about.panel(chosen, operator=staff)
awaited.request_fits(result, chosen)
