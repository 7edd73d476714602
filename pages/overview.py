"""Is the feature working? The four success metrics, and what supports them."""

import streamlit as st

from dashboard.access import require
from dashboard.installation import reading_copy
from dashboard.kit import awaited, report, template
from dashboard.kit.figures import Figures
from dashboard.panels import about, saved_views
from dashboard.screens import overview, reports

staff = require("view_metrics")

with reading_copy() as db:
    chosen = template.metric_head(db, "Overview")
    result = overview.show(Figures(db, chosen))
    with st.container(horizontal=True, key="page_foot"):
        saved_views.bar(db, staff, "overview")
        reports.bar(db, staff, "overview", chosen)
        report.download(chosen, (*overview.HEADLINES, *overview.SUPPORTING))
about.panel(chosen, operator=staff)
awaited.request_fits(result, chosen)
